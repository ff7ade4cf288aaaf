"""CloudWatch metrics of queues' operations."""

from datetime import UTC, datetime
from typing import Any

from localstack_native.cloudwatch import metrics_publisher


def dispatch(
    _dispatch: Any, _self: Any, account_id: str, region: str, queue_name: str, metric: str,
    value: float = 1, unit: str = "Count",
) -> None:  # fmt: skip
    """Publish a metric of a queue in the background."""
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "QueueName", "Value": queue_name}],
        "Timestamp": datetime.now(UTC),
        "Value": value,
        "Unit": unit,
    }
    metrics_publisher.publish(account_id, region, "AWS/SQS", [datum])
