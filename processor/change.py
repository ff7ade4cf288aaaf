"""Changes of the raw bucket: the nouns that every layer shares."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["created", "removed", "requested"]

SEQUENCER_DIGITS = 32
"""Far more than the 16 to 18 digits that are seen."""

UNKNOWN_SEQUENCER = "0" * SEQUENCER_DIGITS
"""For a key of which no event was seen: every event is newer."""

KEY_BYTES = 1024
"""Longest key that S3 takes, in bytes of UTF-8."""


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


def now() -> str:
    """The time as S3 writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
