"""Invocations that Lambda refuses because too many are running."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from localstack.services.lambda_.event_source_mapping.senders.sender import Sender

LOG = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


class PatientSender(Sender):
    """A sender that tries again while Lambda says that too many functions are running.

    As on AWS, where that is one of the reasons to give a queue a visibility timeout of several
    times the function's. It gives up when the mapping is stopped, and when half of that timeout is
    over: the rest is the function's, and the messages come back by themselves.
    """

    def __init__(
        self, sender: Sender, stopping: threading.Event, patience: Callable[[], float]
    ) -> None:
        super().__init__(sender.target_arn, sender.target_parameters, sender.target_client)
        self._sender = sender
        self._stopping = stopping
        self._patience = patience

    def event_target(self) -> str:
        """Return the kind of target."""
        return str(self._sender.event_target())

    def send_events(self, events: Any) -> Any:
        """Invoke the function."""
        deadline = time.monotonic() + self._patience()
        pause = FIRST_PAUSE
        while True:
            try:
                return self._sender.send_events(events)
            except ClientError as error:
                if not is_throttling(error) or time.monotonic() + pause > deadline:
                    raise
                LOG.debug("Too many functions run for %s; again in %s s", self.target_arn, pause)
                if self._stopping.wait(pause):
                    raise
            pause = min(2 * pause, LONGEST_PAUSE)


def is_throttling(error: Exception) -> bool:
    """Say whether Lambda refused an invocation because of a concurrency limit."""
    return (
        isinstance(error, ClientError)
        and error.response.get("Error", {}).get("Code") == "TooManyRequestsException"
    )
