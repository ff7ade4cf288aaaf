"""Executions that were stopped while a task was running."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.services.stepfunctions.asl.eval.program_state import (
    ProgramRunning,
    ProgramState,
    ProgramStopped,
)

from localstack_native.stepfunctions.stops import set_error


@pytest.mark.parametrize(
    ("state", "is_recorded"),
    [(ProgramRunning(), True), (ProgramStopped(datetime.now(UTC), None, None), False)],
)
def test_a_stopped_execution_stays_stopped(state: ProgramState, is_recorded: bool) -> None:  # noqa: FBT001
    """A task's error ends a running execution, and does not change a stopped one."""
    recorded: list[Any] = []
    environment = SimpleNamespace(_program_state=state)
    set_error(lambda _, error: recorded.append(error), environment, "failed")
    assert bool(recorded) == is_recorded
