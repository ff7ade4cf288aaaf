"""A cloud that does not answer for a while: that is said once, and it is asked again and again."""

from collections.abc import Callable
from dataclasses import dataclass, field

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 (its name there)
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)

from processor.errors import TRANSIENT_AWS_ERRORS

SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 15.0
"""Between two times that it is asked."""

CALM_SECONDS = 60.0
"""After an outage: one that comes sooner is taken for the same, and asked of less often."""

PASSING = (
    *TRANSIENT_AWS_ERRORS,
    # A stack that is being replaced, or an emulator that has begun anew and is not deployed to.
    "NoSuchBucket", "ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue",
)  # fmt: skip
"""Codes of what is over sooner or later."""

BROKEN = (ConnectionError, HTTPClientError, IncompleteReadError, ResponseStreamingError)

CLOUD_ERRORS = (ClientError, BotoCoreError, Boto3Error)


def is_passing(error: BaseException | None) -> bool:
    """Whether an error says that the cloud does not answer now.

    Boto3's own errors hold the one that they stand for as their context.
    """
    while error is not None:
        if isinstance(error, BROKEN):
            return True
        if isinstance(error, ClientError):
            return error.response["Error"]["Code"] in PASSING
        error = error.__cause__ or error.__context__
    return False


@dataclass
class Outage:
    """Whether the cloud is away, and when to ask it again. Times only grow, in seconds."""

    ask: Callable[[], object]
    """Asks for something, and raises one of ``CLOUD_ERRORS`` where there is no answer."""
    say: Callable[[str], None]
    is_on: bool = field(default=False, init=False)
    _pause: float = field(default=SHORTEST_SECONDS, init=False)
    _due: float = field(default=0.0, init=False)
    _ended: float = field(default=float("-inf"), init=False)
    _is_said: bool = field(default=False, init=False)

    def begin(self, error: Exception, now: float) -> None:
        """Take note of an error that is passing."""
        if self.is_on:
            return
        self.is_on = True
        self._is_said = now - self._ended > CALM_SECONDS
        if self._is_said:
            self._pause = SHORTEST_SECONDS
            self.say(f"The endpoint does not answer, and is asked again and again: {error}")
        self._due = now + self._pause

    def is_over(self, now: float) -> bool:
        """Whether there is none, or it has just ended; asks when it is time for that."""
        if not self.is_on:
            return True
        if now < self._due:
            return False
        try:
            self.ask()
        except CLOUD_ERRORS as error:
            if not is_passing(error):
                raise
            self._pause = min(LONGEST_SECONDS, self._pause * 1.5)
            self._due = now + self._pause
            return False
        if self._is_said:
            self.say("The endpoint answers again.")
        self.is_on, self._ended = False, now
        self._pause = min(LONGEST_SECONDS, self._pause * 1.5)
        return True
