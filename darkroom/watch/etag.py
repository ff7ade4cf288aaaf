"""ETags of local files: whether the cloud already has a file's content."""

import hashlib
from pathlib import Path

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry

PART_BYTES = 8 * 1024 * 1024
"""The part size of ``upload_file``, and the size from which it uploads in parts."""


def uploaded(cloud: Cloud, file: Path, key: str, entry: Entry | None) -> str | None:
    """Return the ETag of the original under the key if it has the file's bytes, else None.

    An original that was deleted after processing counts too, because its entry remains.
    """
    original = cloud.original(key)
    if original is None:
        is_known = entry is not None and entry["status"] != "deleted" and _is_of(entry, file)
        return entry.get("etag") if entry and is_known else None
    if original.size != file.stat().st_size:
        return None
    if original.etag == etag(file):
        return original.etag
    # The ETag of an object that is encrypted with a customer's key is no hash of its bytes.
    is_known = entry is not None and entry.get("etag") == original.etag and _is_of(entry, file)
    return original.etag if is_known else None


def etag(file: Path) -> str:
    """Return the ETag that S3 gives to a file uploaded by ``upload_file``."""
    whole, parts = hashlib.md5(usedforsecurity=False), []
    with file.open("rb") as stream:
        while part := stream.read(PART_BYTES):
            parts.append(hashlib.md5(part, usedforsecurity=False).digest())
            whole.update(part)
        if stream.tell() < PART_BYTES:
            return whole.hexdigest()
    return f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}"


def _is_of(entry: Entry, file: Path) -> bool:
    analysis = entry.get("analysis")
    if not analysis or entry.get("size") != file.stat().st_size:
        return False
    with file.open("rb") as stream:
        return bool(hashlib.file_digest(stream, "sha256").hexdigest() == analysis["sha256"])
