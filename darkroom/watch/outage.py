"""Outages of the endpoint: reported once, and retried with growing pauses until they end."""

from collections.abc import Callable
from dataclasses import dataclass, field

from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 (botocore's name)
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)

from darkroom.errors import AWS_ERRORS
from processor.errors import TRANSIENT_AWS_ERRORS

SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 15.0
"""Pauses between two probes."""

CALM_SECONDS = 60.0
"""An outage that begins sooner after the last one continues it: no report, and longer pauses."""

TRANSIENT = (
    *TRANSIENT_AWS_ERRORS,
    # The stack is being replaced, or the emulator has restarted and nothing is deployed yet.
    "NoSuchBucket", "ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue",
)  # fmt: skip
"""Error codes that may pass on retry."""

CONNECTION_ERRORS = (
    ConnectionError, HTTPClientError, IncompleteReadError, ResponseStreamingError,
)  # fmt: skip


def is_transient(error: BaseException | None) -> bool:
    """Whether an error may pass on retry.

    Boto3's own errors hold the original error as their context.
    """
    while error is not None:
        if isinstance(error, CONNECTION_ERRORS):
            return True
        if isinstance(error, ClientError):
            return error.response["Error"]["Code"] in TRANSIENT
        error = error.__cause__ or error.__context__
    return False


@dataclass
class Outage:
    """Whether the endpoint is out, and when to probe it. Times are in seconds and only grow."""

    probe: Callable[[], object]
    """Sends a request; raises one of ``AWS_ERRORS`` if the endpoint does not respond."""
    report: Callable[[str], None]
    is_on: bool = field(default=False, init=False)
    _pause: float = field(default=SHORTEST_SECONDS, init=False)
    _due: float = field(default=0.0, init=False)
    _ended: float = field(default=float("-inf"), init=False)
    _is_reported: bool = field(default=False, init=False)

    def begin(self, error: Exception, now: float) -> None:
        """Start an outage with a transient error, unless one is on."""
        if self.is_on:
            return
        self.is_on = True
        self._is_reported = now - self._ended > CALM_SECONDS
        if self._is_reported:
            self._pause = SHORTEST_SECONDS
            self.report(f"The endpoint does not respond; retrying: {error}")
        self._due = now + self._pause

    def is_over(self, now: float) -> bool:
        """Whether there is no outage, or it has just ended; probes the endpoint when due."""
        if not self.is_on:
            return True
        if now < self._due:
            return False
        self._pause = min(LONGEST_SECONDS, self._pause * 1.5)
        try:
            self.probe()
        except AWS_ERRORS as error:
            if not is_transient(error):
                raise
            self._due = now + self._pause
            return False
        if self._is_reported:
            self.report("The endpoint responds again.")
        self.is_on, self._ended = False, now
        return True
