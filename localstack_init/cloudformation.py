"""CloudFormation's errors, polling for its results, and the session of all calls."""

import time
from collections.abc import Callable

import boto3
from botocore.exceptions import ClientError

from processor.errors import TRANSIENT_AWS_ERRORS

Say = Callable[[str], object]
"""Prints a line of progress."""

Sleep = Callable[[float], None]
"""Waits for a number of seconds."""

TIMEOUT_SECONDS = 3600.0
"""Longest wait for a result of CloudFormation."""

OUTAGE_SECONDS = 300.0
"""Longest time in which an account's CloudFormation returns errors alone."""

NOT_IMPLEMENTED = 501
"""The HTTP status of an emulator that cannot load a service."""


class StackError(Exception):
    """A stack or its artifacts cannot be changed as requested. The message says why."""


class OvertakenError(StackError):
    """Another deployment has changed the stack at the same time."""


def default_session() -> boto3.Session:
    """Return boto3's default session: the profile and region of the command, or of the shell."""
    return boto3.DEFAULT_SESSION or boto3.Session()


def code(error: ClientError) -> str:
    """Return the code of an AWS error."""
    return str(error.response["Error"]["Code"])


def reason(error: ClientError) -> str:
    """Return the message of an AWS error as a sentence."""
    return f"{error.response['Error']['Message'].removesuffix('.')}."


def is_transient(error: ClientError) -> bool:
    """Return whether an AWS error may pass on retry."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return code(error) in TRANSIENT_AWS_ERRORS and status != NOT_IMPLEMENTED


def wait_for[T](
    poll: Callable[[], T | None],
    complaint: str,
    say: Say,
    sleep: Sleep = time.sleep,
    outage_seconds: float = OUTAGE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Return the first result of ``poll`` that is not None; poll at growing intervals.

    A transient AWS error is printed and counts as None: CloudFormation throttles all callers of an
    account together. Raises the error after ``outage_seconds`` of nothing else, and ``StackError``
    with ``complaint`` after ``TIMEOUT_SECONDS``.
    """
    deadline = clock() + TIMEOUT_SECONDS
    interval = 0.1
    out_since: float | None = None
    while clock() < deadline:
        try:
            result = poll()
        except ClientError as error:
            now = clock()
            began = now if out_since is None else out_since
            if not is_transient(error) or now >= began + outage_seconds:
                raise
            if out_since is None:
                out_since = now
                say(f"Retrying: {error}")
        else:
            out_since = None
            if result is not None:
                return result
        sleep(interval)
        interval = min(2.0, interval * 1.3)
    raise StackError(f"{complaint} Gave up after {TIMEOUT_SECONDS / 60:.0f} minutes.")
