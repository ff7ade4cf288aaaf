"""Executions of the state machine."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from processor.step_functions.client import REVIEW_SUPERSEDED, Executions
from tests.unit.processor.clouds import error


class StepFunctions:
    """Records failures of tasks, or raises an error."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.failed: list[dict[str, Any]] = []

    def send_task_failure(self, **arguments: Any) -> None:
        """SendTaskFailure."""
        self.failed.append(arguments)
        if self.fault:
            raise self.fault


@pytest.mark.parametrize(
    "fault",
    [
        None,
        error("TaskTimedOut", "SendTaskFailure"),
        error("ThrottlingException", "SendTaskFailure"),
        EndpointConnectionError(endpoint_url="https://states"),
    ],
)
def test_the_end_of_a_review_disturbs_nothing(fault: Exception | None) -> None:
    """The task fails with the error that the state machine knows; an error of the call is none."""
    client = StepFunctions(fault)
    Executions(client, "machine").end_review("token")  # type: ignore[arg-type]
    (sent,) = client.failed
    assert (sent["taskToken"], sent["error"]) == ("token", REVIEW_SUPERSEDED)
