"""Correlation ids: what all that is said of one upload has in common, from its presigning on.

The API puts the id of an upload into the object's metadata. S3's events do not tell of metadata, so
that the id is also one that can be known from the key: no line has to wait for the original.
"""

import re
from hashlib import blake2b

from processor.change import Change

METADATA = "correlation-id"
"""Where an object carries its id (``x-amz-meta-correlation-id``)."""

UPLOAD = re.compile(r"uploads/([a-z2-7]{16})/")
"""What the keys of presigned uploads begin with: a folder of its own for each (``api.uploads``)."""

VALID = re.compile(r"[0-9a-f]{32}")


def folder_id(folder: str) -> str:
    """The id of the presigned upload whose key begins with ``uploads/<folder>/``."""
    return _digest("upload", folder)


def upload_id(key: str) -> str | None:
    """The id of a presigned upload, from its key; None for keys that are not of one."""
    upload = UPLOAD.match(key)
    return folder_id(upload[1]) if upload else None


def change_id(bucket: str, change: Change) -> str:
    """The id of a change, from its message alone: the same however often that comes.

    A request shares the id of the write that it is about.
    """
    return upload_id(change.key) or _digest(
        "event", bucket, change.key, change.sequencer.partition(".")[0]
    )


def checked(brought: str | None) -> str | None:
    """The id that an object brings; None where it brings none that is well formed."""
    return brought if brought and VALID.fullmatch(brought) else None


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
