"""Changes of the raw bucket, their order, and the clock: what every layer shares."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal[
    "created",
    "removed",
    "version-removed",
    "restored",
    "requested",
    "discarded",
    "refocused",
    "swept",
    "expired",
    "original-expired",
]

SEQUENCER_DIGITS = 32
"""Length to which sequencers are padded; S3 writes 16 to 18 digits."""

UNKNOWN_SEQUENCER = "0" * SEQUENCER_DIGITS
"""Sequencer of a key without known changes: every change is newer."""

KEY_BYTES = 1024
"""Longest key in S3, in bytes of UTF-8."""

NO_VERSION = (None, "", "null")
"""Version IDs of objects that were written without versioning."""

DEFAULT_RECIPE = "default"
"""The recipe of originals and requests that name none."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one key in the raw bucket: it makes the key's outcome out of date."""

    kind: Kind
    """S3 created, removed or restored an object, or somebody requested that it is processed again.
    A restore from an archive has no sequencer: ``processor.sqs.restores`` makes a request of it.
    In a versioned bucket, ``removed`` is a new delete marker, and ``version-removed`` the permanent
    deletion of a version or marker, after which another version or the same one is current.
    ``discarded`` requests that an image is deleted whose original is gone already.
    ``refocused`` requests the renditions that follow the image's focal point. Its message has no
    sequencer: ``processor.sqs.refocus`` makes a request of it.
    ``swept`` is no change: the key's variants were deleted, and are checked once more. The same
    is true of ``expired``: an attempt whose failure was recorded in advance has lost its lease.
    It is true of ``original-expired``, too: a lifecycle rule has deleted an original."""
    key: str
    """The key as it is in S3; in messages it is URL-encoded."""
    time: str
    """When S3 stored the object, ISO 8601 in UTC as S3 writes it: 2026-05-01T12:00:00.000Z."""
    sequencer: str
    """Orders the changes of one key: the greater text is the newer change. S3 writes hexadecimal
    strings of different lengths; "to compare these values, first right pad the shorter value with
    zeros, and then do a lexicographical comparison" (S3 user guide, "Event message structure").
    A request appends its own time, so that it is newer than the write that it refers to and older
    than the next one."""
    size: int | None = None
    """Size in bytes; S3 gives it for created objects."""
    etag: str | None = None
    recipe: str | None = None
    """The recipe of a request: a name, or a recipe as JSON. None uses the original's own."""
    version_id: str | None = None
    """S3's ID of the version or delete marker that the event is about; None without versioning."""


def is_folder_marker(key: str, size: int) -> bool:
    """Return whether an object is what S3's console creates as a folder: no image."""
    return size == 0 and key.endswith("/")


def now() -> str:
    """Return the current time as S3 writes it: ISO 8601 in UTC, with milliseconds and ``Z``."""
    return timestamp(datetime.now(UTC))


def timestamp(time: datetime, timespec: str = "milliseconds") -> str:
    """Return a time as S3 writes it: ISO 8601 in UTC, with ``Z``."""
    return time.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def milliseconds_since(moment: str) -> int:
    """Return the milliseconds from an ISO 8601 time to now; 0 where the clocks disagree."""
    age = datetime.now(UTC) - datetime.fromisoformat(moment)
    return max(0, round(age.total_seconds() * 1000))
