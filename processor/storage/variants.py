"""Variants in S3: a cache of what was rendered on the fly.

Each object's metadata has the version of the image that it was rendered from: it is stale once the
entry has another one. Writes never replace a newer variant. Sweeps delete without a condition: what
they delete too much is rendered again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from processor.change import KEY_BYTES
from processor.errors import SupersededError
from processor.storage.renditions import CACHE_CONTROL, CHANGED, MISSING, ROUNDS, ContentionError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from processor.catalog.entries import Entry
    from processor.images import Encoded

FOLDER = "variants/"

MEASURES = re.compile(r"(\d+) (\d+)")
"""Width and height in an object's metadata."""

MOST_DELETED = 1000
"""Objects that one DeleteObjects request can delete."""


def version_of(entry: "Entry") -> str:
    """Return the version of an entry's image: the change, and the original's ETag.

    An attempt for the same change may have read another original.
    """
    return f"{entry['sequencer']} {entry.get('etag', '')}"


def is_current(version: str, entry: "Entry | None") -> bool:
    """Return whether a variant of a version may be served, as its image's entry is now."""
    return entry is not None and entry["status"] == "done" and version == version_of(entry)


def parts_of(target: str) -> tuple[str, str]:
    """Return the original's key and the name of the variant with a whole key."""
    folder, _, name = target.removeprefix(FOLDER).rpartition("/")
    return folder, name


def folder_of(key: str) -> str:
    """Return the prefix of the keys of an original's variants; their names have no slashes."""
    return f"{FOLDER}{key}/"


@dataclass(frozen=True, slots=True)
class StoredVariant:
    """A stored variant's file, and its object's properties."""

    data: bytes
    content_type: str
    etag: str
    """As S3 writes it, in quotation marks."""
    version: str


@dataclass(frozen=True, slots=True)
class VariantObject:
    """What S3 says of a stored variant, without its file."""

    version: str
    """As ``version_of`` returns it; empty for an object that the pipeline has not stored."""
    content_type: str
    etag: str
    """As S3 writes it, in quotation marks."""
    size: int
    """Size in bytes."""
    width: int | None
    """Width in pixels; None if the object does not say it."""
    height: int | None


@dataclass(frozen=True, slots=True)
class Variants:
    """Variants in one bucket."""

    s3: "S3Client"
    bucket: str

    def names(self, key: str) -> Iterator[str]:
        """Yield the names of an original's stored variants, such as ``w_640.webp``."""
        return (each.rpartition("/")[2] for each in self._list(key))

    def read(self, key: str, name: str) -> StoredVariant | None:
        """Return a stored variant; None if there is none."""
        try:
            response = self.s3.get_object(Bucket=self.bucket, Key=folder_of(key) + name)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        with response["Body"] as body:
            return StoredVariant(
                body.read(),
                response["ContentType"],
                response["ETag"],
                response["Metadata"].get("version", ""),
            )

    def write(self, key: str, name: str, version: str, rendered: "Encoded") -> StoredVariant:
        """Store a variant, unless there is one of the same version; return what is stored.

        Raises ``SupersededError`` if there is one of a newer change.
        """
        condition: dict[str, Any] = {"IfNoneMatch": "*"}
        for _ in range(ROUNDS):
            try:
                stored = self.s3.put_object(
                    Bucket=self.bucket,
                    Key=folder_of(key) + name,
                    Body=rendered.data,
                    ContentType=rendered.content_type,
                    CacheControl=CACHE_CONTROL,
                    Metadata={
                        "version": version,
                        "measures": f"{rendered.width} {rendered.height}",
                    },
                    **condition,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in CHANGED:
                    raise
            else:
                etag = stored["ETag"]
                return StoredVariant(rendered.data, rendered.content_type, etag, version)
            there = self.read(key, name)
            if there and there.version == version:
                return there
            if there and there.version.split(" ")[0] > version.split(" ", maxsplit=1)[0]:
                raise SupersededError
            condition = {"IfMatch": there.etag} if there else {"IfNoneMatch": "*"}
        raise ContentionError(f"{folder_of(key)}{name} kept changing.")

    def remove(self, key: str, name: str, etag: str) -> None:
        """Delete a variant if its ETag is unchanged."""
        try:
            self.s3.delete_object(Bucket=self.bucket, Key=folder_of(key) + name, IfMatch=etag)
        except ClientError as error:
            if error.response["Error"]["Code"] not in CHANGED:
                raise

    def sweep(self, key: str) -> int:
        """Delete all variants of an original; return how many."""
        return self._delete(self._list(key))

    def sweep_stale(self, key: str, entry: "Entry | None") -> int:
        """Delete the variants that do not belong to the entry's image; return how many."""
        return self._delete(each for each in self._list(key) if self._is_stale(each, entry))

    def look(self, target: str) -> VariantObject | None:
        """Return what S3 says of the variant with a whole key; None if there is none."""
        try:
            head = self.s3.head_object(Bucket=self.bucket, Key=target)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        measures = MEASURES.fullmatch(head["Metadata"].get("measures", ""))
        return VariantObject(
            version=head["Metadata"].get("version", ""),
            content_type=head["ContentType"],
            etag=head["ETag"],
            size=head["ContentLength"],
            width=int(measures[1]) if measures else None,
            height=int(measures[2]) if measures else None,
        )

    def version(self, target: str) -> str | None:
        """Return the version of the variant with a whole key; None if there is none."""
        found = self.look(target)
        return found.version if found else None

    def _is_stale(self, target: str, entry: "Entry | None") -> bool:
        version = self.version(target)
        return version is not None and not is_current(version, entry)

    def _delete(self, targets: Iterator[str]) -> int:
        count = 0
        for each in batched(targets, MOST_DELETED, strict=False):
            response = self.s3.delete_objects(
                Bucket=self.bucket,
                Delete={"Objects": [{"Key": target} for target in each], "Quiet": True},
            )
            if errors := response.get("Errors"):
                raise OSError(f"S3 did not delete {len(errors)} variants: {errors[0]}")
            count += len(each)
        return count

    def _list(self, key: str) -> Iterator[str]:
        folder = folder_of(key)
        # No key of an object is that long, and S3 refuses the request.
        if len(folder.encode()) > KEY_BYTES:
            return
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket,
            Prefix=folder,
            # Variants of the original "a/b" do not belong to "a".
            Delimiter="/",
        )
        for page in pages:
            yield from (each["Key"] for each in page.get("Contents", []))
