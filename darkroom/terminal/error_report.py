"""One sentence on standard error for each error that a command reports."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from rich.markup import escape

from darkroom.errors import REPORTED_ERRORS
from darkroom.terminal.console import error_console


@contextmanager
def reported_errors() -> Iterator[None]:
    """Print an error of ``REPORTED_ERRORS`` and exit with 1."""
    try:
        yield
    except REPORTED_ERRORS as error:
        message = escape(f"{error}{_advice(error)}")
        error_console.print(f"[bold red]error:[/] {message}", highlight=False, soft_wrap=True)
        sys.exit(1)


def _advice(error: Exception) -> str:
    """Return what to do about an error of botocore that does not say so itself."""
    has_endpoint = "AWS_ENDPOINT_URL" in os.environ
    if isinstance(error, EndpointConnectionError):
        if has_endpoint:
            return " If this is the emulator's endpoint, run `make up`."
        return " Check the name of the Region and the network connection."
    if isinstance(error, NoCredentialsError | NoRegionError | PartialCredentialsError):
        stop = "" if str(error).endswith(".") else "."
        emulator = " For the emulator: `source .darkroom/emulator.env`."
        if has_endpoint:
            return stop + emulator
        return (
            f"{stop} AWS_ENDPOINT_URL is not set, so the command calls AWS.{emulator} For AWS: set "
            "PROFILE= and REGION= (--profile, --region), and sign in with `aws sso login --profile "
            "…`."
        )
    return ""
