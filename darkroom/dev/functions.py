"""The deployed functions: give them other code."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

POLL_SECONDS = 0.02
PATIENCE = 60.0


class UpdateError(Exception):
    """A function did not take its code. Says why."""


def update(functions: Sequence[str], archive: bytes) -> None:
    """Give functions this code; returns when the next invocations run it.

    One after the other: side by side, the first would have to share the processor with the rest.
    Raises ``UpdateError``.
    """
    client = boto3.client("lambda")
    for each in functions:
        _update(client, each, archive)


def _update(client: "LambdaClient", name: str, archive: bytes) -> None:
    answer = client.update_function_code(FunctionName=name, ZipFile=archive)
    deadline = time.monotonic() + PATIENCE
    status, reason = answer["LastUpdateStatus"], ""
    while status == "InProgress" and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        found = client.get_function_configuration(FunctionName=name)
        status, reason = found["LastUpdateStatus"], found.get("LastUpdateStatusReason", "")
    if status != "Successful":
        raise UpdateError(f"{name} did not take the code: {status} {reason}".rstrip())
