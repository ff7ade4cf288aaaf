"""Whether a file is what the cloud has already, by its content."""

import hashlib
from pathlib import Path

from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry

PART_BYTES = 8 * 1024 * 1024
"""What ``upload_file`` sends at a time, and whether it sends parts at all."""

CHUNK = 1 << 20


def uploaded(cloud: Cloud, file: Path, key: str, entry: Entry | None) -> str | None:
    """The ETag of the original under that key, if it has the file's bytes; else None.

    An original that was deleted after it was processed counts, too: its entry stays.
    """
    try:
        head = cloud.s3.head_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
        is_known = entry is not None and entry["status"] != "deleted" and _is_of(entry, file)
        return entry.get("etag") if entry and is_known else None
    if head["ContentLength"] != file.stat().st_size:
        return None
    found = head["ETag"].strip('"')
    if found == etag(file):
        return found
    # Encrypted by a key of the account's, an object has an ETag that says nothing of its bytes.
    is_known = entry is not None and entry.get("etag") == found and _is_of(entry, file)
    return found if is_known else None


def etag(file: Path) -> str:
    """What S3 calls a file that ``upload_file`` has put there."""
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
