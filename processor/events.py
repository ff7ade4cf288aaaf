"""What the queue is told: messages as they arrive, and the changes that they speak of."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote_plus, unquote_plus

Kind = Literal["created", "removed", "requested"]


class MalformedMessageError(ValueError):
    """A message in the queue that cannot be acted on, now or later. Says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key of the raw bucket whose outcome is to be brought in line with what is there now."""

    kind: Kind
    """S3 wrote an object, or removed it, or somebody asks for the work to be done again."""
    key: str
    """The key as it is in S3; in the message it is URL-encoded."""
    time: str
    """When S3 took the object, ISO 8601 in UTC, as S3 writes it: 2026-05-01T12:00:00.000Z."""
    sequencer: str
    """Tells which of two changes of one key is the newer: it sorts as text. S3 writes hexadecimal
    strings of different lengths; "to compare these values, first right pad the shorter value with
    zeros, and then do a lexicographical comparison" (S3 user guide, "Event message structure").
    A request adds its own time, so that it comes after the write that it is about, and before the
    next one."""
    size: int | None = None
    """Bytes; S3 says it of what was created."""
    etag: str | None = None
    recipe: str | None = None
    """The recipe that a request asks for by name; None leaves it to the original."""


SEQUENCER_DIGITS = 32
"""Far more than the 16 to 18 digits that are seen."""

UNKNOWN_SEQUENCER = "0" * SEQUENCER_DIGITS
"""For a key of which no event was seen: every event is newer."""

VERSION = "2."
"""Begins the versions of S3's messages that can be read: a new first number means a change "that
is not backward compatible"."""

OURS = "darkroom"
"""The source of messages that ask for work to be done again."""

_KINDS: dict[str, Kind] = {"ObjectCreated": "created", "ObjectRemoved": "removed"}


def read_message(body: str, bucket: str) -> list[Change]:
    """The changes in ``bucket`` that the body of one SQS message speaks of.

    None for the ``s3:TestEvent`` that S3 sends when a notification is set up, and for events of
    other kinds (tags, restores, expiry by a lifecycle rule). Raises ``MalformedMessageError``.

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
    changes = []
    for record in records:
        try:
            change = _read_record(record, bucket)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, MalformedMessageError):
                raise
            raise MalformedMessageError(f"A record is not an S3 event: {error!r}") from error
        if change:
            changes.append(change)
    return changes


def request_message(
    bucket: str, key: str, written: str, after: str, recipe: str | None = None
) -> str:
    """The body of a message that asks for the work on a key to be done again.

    ``written`` is when S3 took the original, ``after`` the sequencer in its catalog entry
    (``UNKNOWN_SEQUENCER`` where it has none), ``recipe`` the name of one to use instead of the
    original's own. A newer write of the key wins against the request.
    """
    return json.dumps(
        {
            "Records": [
                {
                    "eventVersion": f"{VERSION}1",
                    "eventSource": OURS,
                    "eventTime": written,
                    "eventName": "Requested",
                    "recipe": recipe,
                    "s3": {
                        "bucket": {"name": bucket},
                        "object": {"key": quote_plus(key), "sequencer": _later(after)},
                    },
                }
            ]
        }
    )


def now() -> str:
    """The time as S3 writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _later(sequencer: str) -> str:
    return f"{sequencer[:SEQUENCER_DIGITS]}.{time.time_ns():016X}"


def _read_record(record: dict[str, Any], bucket: str) -> Change | None:
    if not record["eventVersion"].startswith(VERSION):
        raise MalformedMessageError(
            f"The message has version {record['eventVersion']!r}; {VERSION}x can be read."
        )
    ours = record["eventSource"] == OURS
    kind = "requested" if ours else _KINDS.get(record["eventName"].partition(":")[0])
    if kind is None:
        return None
    if record["s3"]["bucket"]["name"] != bucket:
        raise MalformedMessageError(
            f"The message is about the bucket {record['s3']['bucket']['name']!r}, not {bucket!r}."
        )
    written = record["s3"]["object"]
    return Change(
        kind=kind,
        key=unquote_plus(written["key"], errors="strict"),
        time=record["eventTime"],
        sequencer=written["sequencer"].upper().ljust(SEQUENCER_DIGITS, "0"),
        size=int(written["size"]) if kind == "created" else None,
        etag=written["eTag"].strip('"') if kind == "created" else None,
        recipe=record.get("recipe") if ours else None,
    )
