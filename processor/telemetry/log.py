"""The log: JSON, a line for each thing that happened, each naming the picture that it is about.

docs/observability.md has the fields. What is never in a line: presigned URLs and their signatures,
credentials, what a file holds, and what its metadata say of places and people.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from aws_lambda_powertools import Logger

SECRET = re.compile(
    r"(?i)(x-amz-(?:signature|credential|security-token)[\"\\]*[=:][\s\"\\]*)[^&\s\"\\]+"
)
"""What makes a presigned request valid, should an error's text ever quote one."""


def _line(record: dict[str, Any]) -> str:
    text = msgspec.json.encode(record, enc_hook=str).decode()
    return SECRET.sub(r"\1…", text) if "-amz-" in text.lower() else text


logger = Logger(json_serializer=_line, use_rfc3339=True, utc=True)
"""The only one: Powertools makes one of all that have the function's name."""


@contextmanager
def about(**fields: Any) -> Iterator[None]:  # noqa: ANN401 (whatever JSON can hold)
    """Put the fields on every line that this thread writes within the block."""
    before = logger.thread_safe_get_current_keys()
    logger.thread_safe_append_keys(**fields)
    try:
        yield
    finally:
        logger.thread_safe_clear_keys()
        logger.thread_safe_append_keys(**before)
