"""Renditions in S3: conditional writes and deletes that never replace a newer rendition.

Each object's metadata has the sequencer of its change. Every write and delete is conditional on
the object being the one whose sequencer was read.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from processor.change import KEY_BYTES, UNKNOWN_SEQUENCER
from processor.errors import PermanentError, SupersededError
from processor.images import Encoded

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ObjectTypeDef

    from processor.catalog.entries import Entry, RenditionEntry

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=60"
"""Caches must revalidate: an original can be replaced under its key, or deleted."""

ROUNDS = 10
"""Conflicting writes of one object after which an attempt gives up."""

MISSING = ("404", "NoSuchKey")
CHANGED = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409", *MISSING)


MEASURES = ("width", "height", "ms")
"""Fields of the catalog that a rendition's metadata has, beside the sequencer."""


class ContentionError(Exception):
    """An object changed during each attempt to write it."""


def rendition_key(key: str, name: str, extension: str) -> str:
    """Return the key of an original's rendition in the processed bucket.

    It has the original's whole key: ``a.png`` and ``a.jpg`` must not collide. Raises
    ``PermanentError``.
    """
    target = f"{folder_of(key)}{name}.{extension}"
    if len(target.encode()) > KEY_BYTES:
        raise PermanentError(
            "key-too-long",
            f"The key is too long: the key of the rendition {name}.{extension} would have more "
            f"than the {KEY_BYTES:,} bytes that S3 allows. Upload the image with a shorter key.",
        )
    return target


def check_key(key: str) -> None:
    """Raise ``PermanentError`` for an original whose renditions no browser could request.

    Browsers resolve segments of dots in a URL, encoded or not, before they send it.
    https://url.spec.whatwg.org/#double-dot-path-segment
    """
    if {".", ".."} & set(key.split("/")):
        raise PermanentError(
            "unusable-key",
            "The key of the upload has a part that is only `.` or `..`, which browsers remove from "
            "URLs. Upload the image under another key.",
        )


def folder_of(key: str) -> str:
    """Return the prefix of the keys of an original's renditions; their names have no slashes."""
    return f"processed/{key}/"


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored object's ETag, and the sequencer of its change."""

    etag: str
    sequencer: str


@dataclass(frozen=True, slots=True)
class Renditions:
    """Renditions in one bucket."""

    s3: "S3Client"
    bucket: str

    def write(self, target: str, sequencer: str, rendition: Encoded, *, is_first: bool) -> str:
        """Store a rendition, unless there is a newer one; return its ETag.

        ``is_first`` says that there should be none, which saves a request. Raises
        ``SupersededError`` if there is a newer one.
        """
        there = None if is_first else self._look(target)
        measures = (rendition.width, rendition.height, rendition.milliseconds)
        for _ in range(ROUNDS):
            if there and there.sequencer > sequencer:
                raise SupersededError
            try:
                stored = self.s3.put_object(
                    Bucket=self.bucket,
                    Key=target,
                    Body=rendition.data,
                    ContentType=rendition.content_type,
                    CacheControl=CACHE_CONTROL,
                    Metadata={
                        "sequencer": sequencer,
                        "measures": " ".join(map(str, measures)),
                    },
                    **_unchanged(there),  # type: ignore[arg-type]
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in CHANGED:
                    raise
                there = self._look(target)
            else:
                return stored["ETag"].strip('"')
        raise ContentionError(f"{target} kept changing.")

    def read(self, known: "RenditionEntry") -> Encoded | None:
        """Return a rendition that is stored as its entry describes it; None if it is not."""
        try:
            response = self.s3.get_object(
                Bucket=self.bucket, Key=known["key"], IfMatch=f'"{known["etag"]}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in CHANGED:
                return None
            raise
        with response["Body"] as body:
            return Encoded(
                known["name"],
                body.read(),
                known["key"].rpartition(".")[2],
                known["type"],
                known["width"],
                known["height"],
                known["ms"],
                known.get("at", 0),
            )

    def sweep(self, key: str, sequencer: str, keep: Collection[str] = ()) -> int:
        """Delete the renditions of an original that are not in ``keep``; return how many.

        Raises ``SupersededError`` if one belongs to a newer change.
        """
        count = 0
        for target in self.list(key):
            if target not in keep:
                self._remove(target, sequencer)
                count += 1
        return count

    def retain(
        self, key: str, sequencer: str, published: Sequence["RenditionEntry"]
    ) -> list["RenditionEntry"]:
        """Return the published renditions that are stored, and delete all others of the original.

        A failed attempt may have replaced some: the result describes them as they are stored. An
        attempt deletes others only after all of its own are stored, so if a published one is
        missing, those of the attempt are kept. Raises ``SupersededError`` if one is newer.
        """
        known = {each["key"]: each for each in published}
        stored = {each["Key"]: each["ETag"].strip('"') for each in self._stored(key)}
        is_whole = known.keys() <= stored.keys()
        kept: list[RenditionEntry] = []
        for target in [*known, *(each for each in stored if each not in known)]:
            if target not in stored:
                continue
            before = known.get(target)
            if before and before["etag"] == stored[target]:
                kept.append(before)
            elif (before or not is_whole) and (now := self._describe(target, before)):
                kept.append(now)
        for target in sorted(stored.keys() - {each["key"] for each in kept}):
            self._remove(target, sequencer)
        return kept

    def match(self, entry: "Entry") -> bool:
        """Return whether all renditions of an entry are stored as the entry describes them.

        After a failed request they belong to an older change than the entry: then ETags count.
        """
        for each in entry.get("renditions", ()):
            there = self._look(each["key"])
            if there is None:
                return False
            if "failed_request" in entry:
                if there.etag.strip('"') != each["etag"]:
                    return False
            elif there.sequencer != entry["sequencer"]:
                return False
        return True

    def newest_sequencer(self, key: str, entry: "Entry | None") -> str:
        """Return the newest sequencer that an original's entry and its stored renditions have.

        A rendition has a newer one if the entry was lost, or an old entry was restored: a request
        that came after the entry alone would be superseded.
        """
        stored = (self._look(target) for target in self.list(key))
        known = [each.sequencer for each in stored if each]
        return max([entry["sequencer"] if entry else UNKNOWN_SEQUENCER, *known])

    def list(self, key: str) -> Iterator[str]:
        """Yield the keys of an original's stored renditions."""
        return (each["Key"] for each in self._stored(key))

    def _stored(self, key: str) -> Iterator["ObjectTypeDef"]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket,
            Prefix=folder_of(key),
            # Renditions of the original "a/b" do not belong to "a".
            Delimiter="/",
        )
        for page in pages:
            yield from page.get("Contents", [])

    def _describe(self, target: str, before: "RenditionEntry | None") -> "RenditionEntry | None":
        """Return a stored rendition from its object's metadata; None if that is incomplete."""
        head = self._head(target)
        if head is None:
            return None
        written = zip(MEASURES, head["Metadata"].get("measures", "").split(), strict=False)
        fields: dict[str, Any] = {**(before or {}), **dict(written)}
        if any(each not in fields for each in MEASURES):
            return None
        return {
            "name": target.rpartition("/")[2].rpartition(".")[0],
            "key": target,
            "width": int(fields["width"]),
            "height": int(fields["height"]),
            "bytes": head["ContentLength"],
            "type": head["ContentType"],
            "ms": int(fields["ms"]),
            "etag": head["ETag"].strip('"'),
        }

    def _remove(self, target: str, sequencer: str) -> None:
        for _ in range(ROUNDS):
            there = self._look(target)
            if there is None:
                return
            if there.sequencer > sequencer:
                raise SupersededError
            try:
                self.s3.delete_object(Bucket=self.bucket, Key=target, IfMatch=there.etag)
            except ClientError as error:
                if error.response["Error"]["Code"] not in CHANGED:
                    raise
            else:
                return
        raise ContentionError(f"{target} kept changing.")

    def _look(self, target: str) -> Stored | None:
        head = self._head(target)
        return Stored(head["ETag"], head["Metadata"].get("sequencer", "")) if head else None

    def _head(self, target: str) -> "HeadObjectOutputTypeDef | None":
        """Return S3's description of a stored rendition; None if there is none."""
        try:
            return self.s3.head_object(Bucket=self.bucket, Key=target)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise


def _unchanged(there: Stored | None) -> dict[str, str]:
    """Return the condition that an object is unchanged, or still missing."""
    return {"IfMatch": there.etag} if there else {"IfNoneMatch": "*"}
