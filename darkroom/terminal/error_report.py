"""One sentence on standard error for each error that a command reports."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from darkroom.errors import REPORTED_ERRORS
from darkroom.terminal.console import error_console
from darkroom.terminal.encoding import replace_unencodable
from darkroom.terminal.escape import escape_lines

NOT_SIGNED_IN = (
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)


@contextmanager
def reported_errors() -> Iterator[None]:
    """Print an error of ``REPORTED_ERRORS`` and exit with 1."""
    replace_unencodable()
    try:
        yield
    except (*REPORTED_ERRORS, UnicodeEncodeError) as error:
        message = escape_lines(f"{_sentence(error)}{_advice(error)}")
        error_console.print(f"[bold red]error:[/] {message}", highlight=False, soft_wrap=True)
        sys.exit(1)


def _sentence(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        # Only arguments and names of files, which may be any bytes, cannot be encoded.
        return f"{error.object!r} is not UTF-8, which AWS requires. Use another name."
    return str(error)


def _advice(error: Exception) -> str:
    """Return what to do about an error of botocore that does not say so itself."""
    has_endpoint = "AWS_ENDPOINT_URL" in os.environ
    if isinstance(error, EndpointConnectionError):
        if has_endpoint:
            return " If this is the emulator's endpoint, run `make up`."
        return " Check the name of the Region and the network connection."
    if isinstance(error, NOT_SIGNED_IN):
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
