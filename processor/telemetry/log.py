"""Structured log: one JSON line for each event, with the key of the image.

docs/reference/metrics-and-logs.md has the fields. No line has presigned URLs and their signatures,
credentials, file contents, or metadata about places and people.
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
"""Matches the secrets of a presigned request, in case an error's text quotes one."""


def _line(record: dict[str, Any]) -> str:
    text = msgspec.json.encode(record, enc_hook=str).decode()
    return SECRET.sub(r"\1…", text) if "-amz-" in text.lower() else text


logger = Logger(json_serializer=_line, use_rfc3339=True, utc=True)
"""The only logger: Powertools shares one for each service name."""


@contextmanager
def about(**fields: Any) -> Iterator[None]:  # noqa: ANN401 (whatever JSON can hold)
    """Add the fields to every line that this thread logs within the block."""
    before = logger.thread_safe_get_current_keys()
    logger.thread_safe_append_keys(**fields)
    try:
        yield
    finally:
        logger.thread_safe_clear_keys()
        logger.thread_safe_append_keys(**before)
