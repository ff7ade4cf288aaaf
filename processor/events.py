"""What the queue is told: messages as they arrive, and the changes that they speak of."""

import json
import re
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
    """The recipe that a request asks for: its name, or one itself, as JSON. None leaves it to the
    original."""


SEQUENCER_DIGITS = 32
"""Far more than the 16 to 18 digits that are seen."""

UNKNOWN_SEQUENCER = "0" * SEQUENCER_DIGITS
"""For a key of which no event was seen: every event is newer."""

VERSION = "2."
"""Begins the versions of S3's messages that can be read: a new first number means a change "that
is not backward compatible"."""

KEY_BYTES = 1024
"""Longest key that S3 takes, in bytes of UTF-8."""

OBJECT_BYTES = 50 * 2**40
"""Largest object that S3 takes."""

_SEQUENCER = rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}"
_OUR_SEQUENCER = rf"[0-9A-F]{{{SEQUENCER_DIGITS}}}\.[0-9A-F]{{16}}"

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
    original's own, or one itself, as JSON. A newer write of the key wins against the request.
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
    return f"{sequencer[:SEQUENCER_DIGITS].ljust(SEQUENCER_DIGITS, '0')}.{time.time_ns():016X}"


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
        key=_checked_key(unquote_plus(written["key"], errors="strict")),
        time=_checked_time(record["eventTime"]),
        sequencer=_checked_sequencer(written["sequencer"], ours=ours),
        size=_checked_size(written["size"]) if kind == "created" else None,
        etag=written["eTag"].strip('"') if kind == "created" else None,
        recipe=_checked_recipe(record.get("recipe")) if ours else None,
    )


def _checked_key(key: str) -> str:
    if not 0 < len(key.encode()) <= KEY_BYTES:
        raise MalformedMessageError(
            f"The key has {len(key.encode())} bytes; S3's have 1 to {KEY_BYTES}."
        )
    return key


def _checked_time(written: object) -> str:
    try:
        if datetime.fromisoformat(str(written)).tzinfo is not None:
            return str(written)
    except ValueError:
        pass
    raise MalformedMessageError(f"The time {written!r} is not one that S3 writes.")


def _checked_sequencer(sequencer: str, *, ours: bool) -> str:
    if not re.fullmatch(_OUR_SEQUENCER if ours else _SEQUENCER, sequencer):
        raise MalformedMessageError(f"The sequencer {sequencer[:99]!r} is not one that S3 writes.")
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")


def _checked_size(size: object) -> int:
    if not isinstance(size, int) or not 0 <= size <= OBJECT_BYTES:
        raise MalformedMessageError(f"The size {str(size)[:99]!r} is not one of an object.")
    return size


def _checked_recipe(recipe: object) -> str | None:
    if recipe is not None and not isinstance(recipe, str):
        raise MalformedMessageError(f"The recipe {str(recipe)[:99]!r} is not a text.")
    return recipe
