"""The SQS provider that ``PROVIDER_OVERRIDE_SQS=redrive`` chooses."""

import time
import uuid
from typing import Any

from localstack.services.plugins import Service, aws_provider
from localstack.services.sqs.provider import MessageMoveTaskManager, SqsProvider

from darkroom_emulator.sqs.age import AgeTellingWorker

OF_THE_OLD = (
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
)


class RedrivingSqs(SqsProvider):
    """SQS whose move tasks give messages another start, and that says how old messages are."""

    def __init__(self) -> None:
        super().__init__()
        self._message_move_task_manager = Redrive()

    def _init_cloudwatch_metrics_reporting(self) -> None:
        super()._init_cloudwatch_metrics_reporting()  # type: ignore[no-untyped-call]
        if not self.cloudwatch_disabled:
            self._cloudwatch_publish_worker = AgeTellingWorker()


class Redrive(MessageMoveTaskManager):
    """Moves messages as new ones, as AWS does; LocalStack goes on counting their receipts.

    "All redriven messages are considered new messages with a new messageID and enqueueTime" (SQS
    developer guide, "Configure a dead-letter queue redrive").
    """

    def _get_queue_by_arn(self, queue_arn: str) -> Any:
        return Renewing(super()._get_queue_by_arn(queue_arn))


class Renewing:
    """A queue to which whatever is put is new."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def put(self, message: dict[str, Any], **options: Any) -> Any:
        """Put a message."""
        kept = {
            name: value for name, value in message["Attributes"].items() if name not in OF_THE_OLD
        }
        sent = {"SentTimestamp": str(int(time.time() * 1000))}
        new = message | {"MessageId": str(uuid.uuid4()), "Attributes": kept | sent}
        return self._queue.put(message=new, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)


@aws_provider(api="sqs", name="redrive")
def redriving_sqs() -> Service:
    """Make the service; LocalStack calls this at the first request."""
    return Service.for_provider(RedrivingSqs())
