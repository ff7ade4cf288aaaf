"""What state machines tell CloudWatch: executions that began, and how they ended.

https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from datetime import UTC, datetime
from typing import Any

from localstack.runtime import hooks

from darkroom_emulator.cloudwatch.telling import tell

NAMESPACE = "AWS/States"

ENDS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
"""Metrics by the status of an execution that has ended."""


@hooks.on_infra_start()
def count_executions() -> None:
    """Let executions say that they begin, and how they end."""
    from localstack.services.stepfunctions.backend import execution

    executions: Any = execution.Execution
    workers: Any = execution.BaseExecutionWorkerCommunication
    start, terminated = executions.start, workers.terminated

    def start_and_tell(self: Any) -> None:
        start(self)
        _tell(self, {"ExecutionsStarted": (1.0, "Count")})

    def end_and_tell(self: Any) -> None:
        terminated(self)
        _tell(self.execution, ended(self.execution))

    executions.start = start_and_tell
    workers.terminated = end_and_tell


def ended(execution: Any) -> dict[str, tuple[float, str]]:
    """Return what CloudWatch is told of an execution that has ended: every end, as 0 or 1."""
    values = {
        metric: (float(str(execution.exec_status) == status), "Count")
        for status, metric in ENDS.items()
    }
    spent = (execution.stop_date - execution.start_date).total_seconds() * 1000
    return {**values, "ExecutionTime": (spent, "Milliseconds")}


def _tell(execution: Any, values: dict[str, tuple[float, str]]) -> None:
    of = [{"Name": "StateMachineArn", "Value": execution.state_machine_arn}]
    now = datetime.now(UTC)
    data = [
        {"MetricName": name, "Dimensions": of, "Timestamp": now, "Value": value, "Unit": unit}
        for name, (value, unit) in values.items()
    ]
    tell(execution.account_id, execution.region_name, NAMESPACE, data)
