"""What S3 tells the queue: the messages as they arrive, and the objects that they speak of."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


class MalformedMessageError(ValueError):
    """A message in the queue that S3 did not write. Says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ObjectCreated:
    """S3 says that an object was written."""

    bucket: str
    key: str
    """The key as it is in S3; in the event it is URL-encoded."""
    size: int
    """Bytes."""
    etag: str
    time: str
    """When S3 took the object, ISO 8601 in UTC, as S3 writes it: 2026-05-01T12:00:00.000Z."""
    sequencer: str
    """Tells which of two writes of one key came later: it sorts as text. S3 writes hexadecimal
    strings of different lengths; "to compare these values, first right pad the shorter value with
    zeros, and then do a lexicographical comparison" (S3 user guide, "Event message structure")."""


SEQUENCER_DIGITS = 32
"""Far more than the 16 to 18 digits that are seen."""


def read_message(body: str) -> list[ObjectCreated]:
    """The objects that the body of one SQS message speaks of.

    None for the ``s3:TestEvent`` that S3 sends when a notification is set up. Other kinds of
    records (removals) are passed over. Raises ``MalformedMessageError``.

    Format: "Event message structure" in the S3 user guide, version 2.x.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise MalformedMessageError(f"The message is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise MalformedMessageError("The message is not a JSON object.")
    if message.get("Event") == "s3:TestEvent":
        return []
    records = message.get("Records")
    if not isinstance(records, list):
        raise MalformedMessageError("The message has no list of Records.")
    try:
        return [
            _read_record(record)
            for record in records
            if record["eventName"].startswith("ObjectCreated:")
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise MalformedMessageError(f"A record is not an S3 event: {error!r}") from error


def _read_record(record: dict[str, Any]) -> ObjectCreated:
    written = record["s3"]["object"]
    return ObjectCreated(
        bucket=record["s3"]["bucket"]["name"],
        key=unquote_plus(written["key"], errors="strict"),
        size=int(written["size"]),
        etag=written["eTag"].strip('"'),
        time=record["eventTime"],
        sequencer=written["sequencer"].upper().ljust(SEQUENCER_DIGITS, "0"),
    )
