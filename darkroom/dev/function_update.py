"""Code updates of the deployed functions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import WaiterError

from darkroom.errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

POLL_SECONDS = 0.02
ATTEMPTS = 3000


def update_functions(
    functions: Sequence[str], archive: bytes, client: "LambdaClient | None" = None
) -> None:
    """Give functions new code, and wait until their next invocations run it.

    One after another: in parallel, the first would compete with the others for the processor.
    Raises ``CommandError``.
    """
    client = client or boto3.client("lambda")
    waiter = client.get_waiter("function_updated")
    for name in functions:
        client.update_function_code(FunctionName=name, ZipFile=archive)
        try:
            waiter.wait(
                FunctionName=name,
                WaiterConfig={"Delay": POLL_SECONDS, "MaxAttempts": ATTEMPTS},  # type: ignore[typeddict-item] # fractions work
            )
        except WaiterError as error:
            reason = error.last_response.get("LastUpdateStatusReason") or error
            raise CommandError(f"{name} was not updated: {reason}") from error
