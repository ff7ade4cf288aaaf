"""CloudWatch metrics of state machines: started and ended executions, and execution time.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from datetime import UTC, datetime
from typing import Any

from localstack_native.cloudwatch import metrics_publisher

NAMESPACE = "AWS/States"

ENDS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
"""Metrics by the final status of an execution."""


def start(start: Any, self: Any) -> None:
    """Start an execution, and count it."""
    start(self)
    _publish(self, {"ExecutionsStarted": (1.0, "Count")})


def terminated(terminated: Any, self: Any) -> None:
    """Record an execution's end, and count it by its status."""
    terminated(self)
    _publish(self.execution, ended(self.execution))


def ended(execution: Any) -> dict[str, tuple[float, str]]:
    """Return the metrics of an ended execution: 0 or 1 for each final status, and the time."""
    values = {
        metric: (float(str(execution.exec_status) == status), "Count")
        for status, metric in ENDS.items()
    }
    spent = (execution.stop_date - execution.start_date).total_seconds() * 1000
    return {**values, "ExecutionTime": (spent, "Milliseconds")}


def _publish(execution: Any, values: dict[str, tuple[float, str]]) -> None:
    dimensions = [{"Name": "StateMachineArn", "Value": execution.state_machine_arn}]
    common = {"Dimensions": dimensions, "Timestamp": datetime.now(UTC)}
    data = [
        {"MetricName": name, "Value": value, "Unit": unit, **common}
        for name, (value, unit) in values.items()
    ]
    metrics_publisher.publish(execution.account_id, execution.region_name, NAMESPACE, data)
