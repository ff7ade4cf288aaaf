"""Renditions in S3: written and removed so that nothing older ever replaces what is newer.

Each object carries the sequencer of the change that it was made for, and every write and removal
is conditional on the object being the one whose sequencer was looked at.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from processor.change import KEY_BYTES, UNKNOWN_SEQUENCER
from processor.errors import PermanentError, SupersededError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ObjectTypeDef

    from processor.catalog.entries import Entry, RenditionEntry
    from processor.images import Encoded

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=60"
"""An original can be replaced under its key, or deleted, so that caches have to ask again."""

ROUNDS = 10
"""Changes of one object under our hands after which we leave it to a later attempt."""

MISSING = ("404", "NoSuchKey")
CHANGED = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409", *MISSING)


MEASURES = ("width", "height", "ms")
"""Fields of the catalog whose values are in a rendition's metadata, beside the sequencer."""


class ContentionError(Exception):
    """An object kept changing while it was to be written."""


def rendition_key(key: str, name: str, extension: str) -> str:
    """Where the rendition ``name`` of the original ``key`` is in the processed bucket.

    The whole key is kept, with its extension: ``a.png`` and ``a.jpg`` must not meet. Raises
    ``PermanentError``.
    """
    target = f"{folder_of(key)}{name}.{extension}"
    if len(target.encode()) > KEY_BYTES:
        raise PermanentError(
            "key-too-long",
            f"The name of the upload is too long: with {name}.{extension} it takes more than the "
            f"{KEY_BYTES} bytes that S3 allows. Shorten it.",
        )
    return target


def folder_of(key: str) -> str:
    """What the keys of an original's renditions begin with; a name without slashes follows."""
    return f"processed/{key}/"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored under a key: which bytes, and for which change."""

    etag: str
    sequencer: str


@dataclass(frozen=True, slots=True)
class Renditions:
    """The renditions in one bucket."""

    s3: "S3Client"
    bucket: str

    def write(self, target: str, sequencer: str, rendition: "Encoded", *, is_first: bool) -> str:
        """Store a rendition, in place of one that was made for an older change; answers its ETag.

        ``is_first`` says that there should be none, which saves a request. Raises
        ``SupersededError`` where there is a newer one.
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

    def sweep(self, key: str, sequencer: str, keep: Collection[str] = ()) -> int:
        """Remove the renditions of an original that are not among ``keep``; answers how many.

        Raises ``SupersededError`` where there is one that was made for a newer change.
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
        """Return what is stored of the published renditions, and remove all else of the original.

        A failed attempt may have replaced some of them: those are described as they are now. It
        removes others only after all of its own are stored, so that these are kept where one of
        the published is missing. Raises ``SupersededError`` where there is a newer one.
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

    def are_of(self, entry: "Entry") -> bool:
        """Whether all that an entry names is stored as the entry tells.

        After a failed request they are of an older change than the entry: there the bytes count.
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
        """The keys of what is stored for an original."""
        return (each["Key"] for each in self._stored(key))

    def _stored(self, key: str) -> Iterator["ObjectTypeDef"]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket,
            Prefix=folder_of(key),
            # Else those of the original "a/b" would be among those of "a".
            Delimiter="/",
        )
        for page in pages:
            yield from page.get("Contents", [])

    def _describe(self, target: str, before: "RenditionEntry | None") -> "RenditionEntry | None":
        """A stored rendition by what its object tells; None if it tells too little."""
        head = self._head(target)
        if head is None:
            return None
        written = zip(MEASURES, head["Metadata"].get("measures", "").split(), strict=False)
        told: dict[str, Any] = {**(before or {}), **dict(written)}
        if any(each not in told for each in MEASURES):
            return None
        return {
            "name": target.rpartition("/")[2].rpartition(".")[0],
            "key": target,
            "width": int(told["width"]),
            "height": int(told["height"]),
            "bytes": head["ContentLength"],
            "type": head["ContentType"],
            "ms": int(told["ms"]),
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
        """What S3 returns of a stored rendition; None if there is none."""
        try:
            return self.s3.head_object(Bucket=self.bucket, Key=target)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise


def _unchanged(there: Stored | None) -> dict[str, str]:
    """The condition that an object is still what it was, or still missing."""
    return {"IfMatch": there.etag} if there else {"IfNoneMatch": "*"}
