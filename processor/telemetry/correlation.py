"""Correlation IDs: one ID in all log lines, entries and traces of an upload.

The API writes an upload's ID to the object's metadata. S3's events have no metadata, so the ID can
also be derived from the key: no log line has to wait for the original.
"""

import re
from hashlib import blake2b

from processor.change import Change

METADATA = "correlation-id"
"""Name of the metadata with the ID (``x-amz-meta-correlation-id``)."""

UPLOAD = re.compile(r"uploads/([a-z2-7]{16})/")
"""Prefix of presigned uploads' keys: each has a folder of its own (``processor.api.uploads``)."""

VALID = re.compile(r"[0-9a-f]{32}")


def folder_id(folder: str) -> str:
    """Return the ID of the presigned upload with the prefix ``uploads/<folder>/``."""
    return _digest("upload", folder)


def upload_id(key: str) -> str | None:
    """Return the ID of a presigned upload from its key; None for other keys."""
    upload = UPLOAD.match(key)
    return folder_id(upload[1]) if upload else None


def change_id(bucket: str, change: Change) -> str:
    """Return the ID of a change from its message alone, the same for each receive.

    A request shares the ID of the write that it refers to.
    """
    return upload_id(change.key) or _digest(
        "event", bucket, change.key, change.sequencer.partition(".")[0]
    )


def checked(brought: str | None) -> str | None:
    """Return an object's ID; None if it has none, or one with a wrong format."""
    return brought if brought and VALID.fullmatch(brought) else None


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
