"""CloudWatch metrics of state machines: started and ended executions, and execution time.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from datetime import UTC, datetime
from typing import Any

from localstack.runtime import hooks

from localstack_native.cloudwatch import metrics_publisher

NAMESPACE = "AWS/States"

ENDS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
"""Metrics by the final status of an execution."""


@hooks.on_infra_start()
def count_executions() -> None:
    """Publish metrics when executions start and end."""
    from localstack.services.stepfunctions.backend import execution

    executions: Any = execution.Execution
    workers: Any = execution.BaseExecutionWorkerCommunication
    start, terminated = executions.start, workers.terminated

    def start_and_count(self: Any) -> None:
        start(self)
        _publish(self, {"ExecutionsStarted": (1.0, "Count")})

    def end_and_count(self: Any) -> None:
        terminated(self)
        _publish(self.execution, ended(self.execution))

    executions.start = start_and_count
    workers.terminated = end_and_count


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
