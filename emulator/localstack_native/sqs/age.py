"""``ApproximateAgeOfOldestMessage``: the queue metric that LocalStack lacks."""

import time
from typing import Any

from localstack.services.sqs.models import sqs_stores
from localstack.services.sqs.provider import CloudwatchPublishWorker
from localstack.utils.cloudwatch.cloudwatch_util import SqsMetricBatchData, publish_sqs_metric_batch


class QueueAgeWorker(CloudwatchPublishWorker):
    """Publishes ``ApproximateAgeOfOldestMessage`` along with the counts of messages."""

    def publish_approximate_cloudwatch_metrics(self) -> None:
        """Publish the metrics of all queues."""
        super().publish_approximate_cloudwatch_metrics()  # type: ignore[no-untyped-call]
        now = time.time()
        for account, region, store in sqs_stores.iter_stores():
            ages = [
                SqsMetricBatchData(
                    QueueName=queue.name,
                    MetricName="ApproximateAgeOfOldestMessage",
                    Value=int(age(queue, now)),
                    Unit="Seconds",
                )
                for queue in list(store.queues.values())
            ]
            publish_sqs_metric_batch(account, region, ages)


def age(queue: Any, now: float) -> float:
    """Return the age in seconds of the oldest message that is not deleted; 0 without one."""
    if hasattr(queue, "message_groups"):
        waiting = [each for group in list(queue.message_groups.values()) for each in group.messages]
    else:
        waiting = list(queue.visible.queue)
    messages = [*waiting, *queue.delayed, *queue.inflight]
    sent = [int(each.message["Attributes"]["SentTimestamp"]) / 1000 for each in messages]
    return max(0.0, now - min(sent)) if sent else 0.0
