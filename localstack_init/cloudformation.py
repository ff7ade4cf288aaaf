"""What CloudFormation says when it is asked, and how it is waited for."""

import time
from collections.abc import Callable

from botocore.exceptions import ClientError

Say = Callable[[str], None]
"""Takes a line for the person who watches."""

PATIENCE = 3600.0
"""Seconds after which CloudFormation is given up on."""

NOT_NOW = (
    "InternalFailure",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
)
"""Errors that pass; botocore has asked several times by then. All in an account are throttled for
who asks too often."""


class StackError(Exception):
    """The stack did not get where it was to go. The message holds the events that explain it."""


def code(error: ClientError) -> str:
    """What AWS calls an error."""
    return str(error.response["Error"]["Code"])


def reason(error: ClientError) -> str:
    """What AWS says of an error, as a sentence."""
    return f"{error.response['Error']['Message'].removesuffix('.')}."


def wait_for[T](ask: Callable[[], T | None], complaint: str) -> T:
    """The first answer that is not None, asked for at growing intervals.

    To be told to come again is no answer. Raises ``StackError`` with ``complaint`` when patience
    ends.
    """
    deadline = time.monotonic() + PATIENCE
    interval = 0.1
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except ClientError as error:
            if code(error) not in NOT_NOW:
                raise
        else:
            if answer is not None:
                return answer
        time.sleep(interval)
        interval = min(2.0, interval * 1.3)
    raise StackError(f"{complaint} Gave up after {PATIENCE / 60:.0f} minutes.")
