"""Retries of invocations that Lambda throttles."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from localstack.services.lambda_.event_source_mapping.senders.sender import Sender

LOG = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


class ThrottleRetryingSender(Sender):
    """A sender that retries while Lambda throttles the function, as on AWS.

    It stops retrying when the mapping is stopped, or after half of the queue's visibility timeout:
    the other half is the function's time. The messages are then received again.
    """

    def __init__(
        self, sender: Sender, stopping: threading.Event, retry_seconds: Callable[[], float]
    ) -> None:
        super().__init__(sender.target_arn, sender.target_parameters, sender.target_client)
        self._sender = sender
        self._stopping = stopping
        self._retry_seconds = retry_seconds

    def event_target(self) -> str:
        """Return the kind of target."""
        return str(self._sender.event_target())

    def send_events(self, events: Any) -> Any:
        """Invoke the function."""
        deadline = time.monotonic() + self._retry_seconds()
        pause = FIRST_PAUSE
        while True:
            try:
                return self._sender.send_events(events)
            except ClientError as error:
                if not is_throttling(error) or time.monotonic() + pause > deadline:
                    raise
                LOG.debug("Lambda throttles %s; retrying in %s s", self.target_arn, pause)
                if self._stopping.wait(pause):
                    raise
            pause = min(2 * pause, LONGEST_PAUSE)


def is_throttling(error: Exception) -> bool:
    """Return whether an error is Lambda's for an exceeded concurrency limit."""
    return (
        isinstance(error, ClientError)
        and error.response.get("Error", {}).get("Code") == "TooManyRequestsException"
    )
