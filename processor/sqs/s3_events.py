"""S3 event notifications and our own requests, parsed from message bodies."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from processor.change import (
    KEY_BYTES,
    NO_VERSION,
    SEQUENCER_DIGITS,
    UNKNOWN_SEQUENCER,
    Change,
    Kind,
    is_folder_marker,
)
from processor.errors import MalformedMessageError

VERSION = "2."
"""Prefix of the supported message versions: a new major version "is not backward compatible"."""

OBJECT_BYTES = 50 * 2**40
"""Size limit of S3 objects, in bytes."""

VERSION_ID_BYTES = 1024
"""Longest version ID in S3, in bytes of UTF-8."""

_SEQUENCER = rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}"
_OUR_SEQUENCER = rf"[0-9A-F]{{{SEQUENCER_DIGITS}}}\.[0-9A-F]{{16}}"

OURS = "darkroom"
"""Event source of our own messages, which request that an original is processed again."""

OUR_KINDS: dict[str, Kind] = {
    "Requested": "requested",
    "Discarded": "discarded",
    "Refocused": "refocused",
    "Swept": "swept",
    "Expired": "expired",
}
"""Event names of our own messages."""

_KINDS: dict[str, Kind] = {
    "ObjectCreated": "created",
    "ObjectRemoved": "removed",
    "ObjectRestore:Completed": "restored",
    "LifecycleExpiration": "original-expired",
}
"""Keys are event names, or their first parts."""


WITHOUT_SEQUENCER = ("restored", "refocused", "swept", "expired", "original-expired")
"""Kinds that are no changes of a key, or that get the sequencer of a request."""


def read_message(body: str, bucket: str) -> list[Change]:
    """Return the changes of ``bucket`` in the body of one SQS message.

    The list is empty for the ``s3:TestEvent`` that S3 sends when a notification is configured, for
    folder markers, and for events of other kinds (tags). Raises
    ``MalformedMessageError``.

    Format: "Event message structure" in the S3 user guide, version 2.x.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise MalformedMessageError(f"The message is not JSON: {error}") from error
    return read_notification(message, bucket)


def read_notification(message: object, bucket: str) -> list[Change]:
    """Return the changes of ``bucket`` in a message of S3, as ``read_message`` does."""
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


def _read_record(record: dict[str, Any], bucket: str) -> Change | None:
    if not record["eventVersion"].startswith(VERSION):
        raise MalformedMessageError(
            f"The message has version {record['eventVersion']!r}; {VERSION}x is supported."
        )
    ours = record["eventSource"] == OURS
    name = record["eventName"]
    kinds = OUR_KINDS if ours else _KINDS
    kind = kinds.get(name, kinds.get(name.partition(":")[0]))
    if kind is None:
        return None
    if record["s3"]["bucket"]["name"] != bucket:
        raise MalformedMessageError(
            f"The message is about the bucket {record['s3']['bucket']['name']!r}, not {bucket!r}."
        )
    written = record["s3"]["object"]
    key = _checked_key(unquote_plus(written["key"], errors="strict"))
    version_id = None if ours else _checked_version_id(written.get("versionId"))
    if name == "ObjectRemoved:Delete" and version_id:
        kind = "version-removed"
    size = _checked_size(written["size"]) if kind == "created" else None
    if size is not None and is_folder_marker(key, size):
        return None
    return Change(
        kind=kind,
        key=key,
        time=_checked_time(record["eventTime"]),
        sequencer=UNKNOWN_SEQUENCER
        if kind in WITHOUT_SEQUENCER
        else _checked_sequencer(written["sequencer"], ours=ours),
        size=size,
        etag=written["eTag"].strip('"') if kind == "created" else None,
        recipe=_checked_recipe(record.get("recipe")) if ours else None,
        version_id=version_id,
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
    raise MalformedMessageError(f"The time {written!r} does not have S3's format.")


def _checked_sequencer(sequencer: str, *, ours: bool) -> str:
    if not re.fullmatch(_OUR_SEQUENCER if ours else _SEQUENCER, sequencer):
        raise MalformedMessageError(f"The sequencer {sequencer[:99]!r} does not have S3's format.")
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")


def _checked_size(size: object) -> int:
    if not isinstance(size, int) or not 0 <= size <= OBJECT_BYTES:
        raise MalformedMessageError(f"The size {str(size)[:99]!r} is not an object's size.")
    return size


def _checked_version_id(version_id: object) -> str | None:
    if version_id in NO_VERSION:
        return None
    if not isinstance(version_id, str) or len(version_id.encode()) > VERSION_ID_BYTES:
        raise MalformedMessageError(f"The version ID {str(version_id)[:99]!r} is not one of S3's.")
    return version_id


def _checked_recipe(recipe: object) -> str | None:
    if recipe is not None and not isinstance(recipe, str):
        raise MalformedMessageError(f"The recipe {str(recipe)[:99]!r} is not a string.")
    return recipe
