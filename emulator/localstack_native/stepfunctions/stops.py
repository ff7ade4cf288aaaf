"""StopExecution: stopped executions end immediately.

LocalStack's stop does not reach an execution that waits for a task token or has just started.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
"""

import time
from datetime import datetime
from typing import Any

from localstack.aws.api.stepfunctions import HistoryEventType
from localstack.services.stepfunctions.asl.eval.program_state import ProgramStopped

BEGUN_WITHIN = 10.0
"""Seconds that a stop waits for an execution to start."""

PAUSE = 0.01
"""Seconds between two checks whether it has started."""


def stop(stop: Any, self: Any, stop_date: datetime, error: str | None, cause: str | None) -> None:
    """End an execution in any state."""
    environment = _begun(self)
    if environment is None or not environment.is_running():
        return
    # Before the working threads wake up, which would add events of their own.
    worker, manager = self.exec_worker, environment.event_manager
    listener, worker._execution_communication = worker._execution_communication, _NullListener()  # noqa: SLF001
    manager.is_over = True
    stop(self, stop_date, error, cause)
    reason = {"error": error, "cause": cause}
    given = {name: each for name, each in reason.items() if each is not None}
    context = environment.event_history_context
    context.source_event_id = 0
    unpatched: Any = type(manager).add_event.__wrapped__
    details = {"executionAbortedEventDetails": given}
    unpatched(manager, context, HistoryEventType.ExecutionAborted, details)
    self.error, self.cause = error, cause
    listener.terminated()
    for endpoint in list(environment.callback_pool_manager._pool.values()):  # noqa: SLF001
        endpoint.interrupt_all()


def add_event(add: Any, self: Any, *event: Any, **details: Any) -> int:
    """Add an event to the history of an execution, unless it was stopped."""
    return 0 if getattr(self, "is_over", False) else int(add(self, *event, **details))


def set_error(set_error: Any, self: Any, error: Any) -> None:
    """Record an execution's failure, unless it was stopped: a task that was running fails later."""
    if not isinstance(self._program_state, ProgramStopped):
        set_error(self, error)


class _NullListener:
    """A listener that ignores the end of an execution that was stopped before."""

    def terminated(self) -> None:
        """Do nothing."""


def _begun(execution: Any) -> Any:
    """Wait until an execution has started; return its environment, or None after a timeout."""
    deadline = time.monotonic() + BEGUN_WITHIN
    while time.monotonic() < deadline:
        environment = execution.exec_worker and execution.exec_worker.env
        if environment is not None and environment.program_state() is not None:
            return environment
        time.sleep(PAUSE)
    return None
