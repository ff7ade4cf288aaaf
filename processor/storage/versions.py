"""Versions of originals: listed, with the end of each, and restored.

A restore copies a version onto its key. To the pipeline that is an upload like any other.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from processor.catalog.entries import Entry
from processor.change import DEFAULT_RECIPE, is_folder_marker

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

COPY_BYTES = 5 * 2**30
"""Largest object that one CopyObject request copies."""

METADATA_BYTES = 2048
"""Limit of an object's own metadata: the names and values together."""

HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
"""System metadata that a copy with new metadata has to name again."""

Code = Literal[
    "archived",
    "not-deleted",
    "nothing-to-restore",
    "too-many-bytes",
    "undelete-off",
    "unknown-version",
    "version-expired",
]


class RestoreError(Exception):
    """A restore that is not possible: a stable code, and a sentence for people."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object, or a delete marker."""

    key: str
    id: str
    """S3's ID; ``null`` for an object that was written without versioning."""
    modified: datetime
    """When S3 stored it."""
    replaced: datetime | None
    """When the next newer version or marker took its place; None for the latest."""
    size: int = 0
    """In bytes."""
    etag: str = ""
    is_marker: bool = False

    def expires(self, days: int) -> datetime | None:
        """Return when a lifecycle rule of ``days`` for noncurrent versions deletes it.

        S3 adds the days and rounds up to the next midnight UTC. None for the latest.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
        """
        if self.replaced is None:
            return None
        last = self.replaced.astimezone(UTC) + timedelta(days=days)
        midnight = last.replace(hour=0, minute=0, second=0, microsecond=0)
        return last if midnight == last else midnight + timedelta(days=1)

    def is_expired(self, days: int, now: datetime) -> bool:
        """Return whether its time is over. S3 deletes it some time later."""
        end = self.expires(days)
        return end is not None and end <= now


def histories(s3: "S3Client", bucket: str, prefix: str, after: str = "") -> Iterator[list[Version]]:
    """Yield the versions and delete markers of each key below a prefix, the latest first.

    Keys come in the order of their UTF-8, those behind ``after``. Folder markers are left out.
    """
    start: dict[str, Any] = {"KeyMarker": after} if after else {}
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix, **start)
    listed = (each for page in pages for each in _sorted(page))
    for key, group in groupby(listed, lambda each: each["Key"]):
        history: list[Version] = []
        for each in _latest_first(group):
            history.append(_version(each, history[-1].modified if history else None))
        if not is_folder_marker(key, max(each.size for each in history)):
            yield history


def history(s3: "S3Client", bucket: str, key: str) -> list[Version]:
    """Return the versions and delete markers of one key, the latest first."""
    for each in histories(s3, bucket, key):
        # A key comes before all others that begin with it.
        return each if each[0].key == key else []
    return []


def purge(s3: "S3Client", bucket: str, key: str, version_id: str) -> None:
    """Delete a version of a key for good, and all older ones before it: none becomes current."""
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, Prefix=key, PaginationConfig={"PageSize": 10}
    )
    listed = (each for page in pages for each in page.get("Versions", []))
    # A key comes before all others that begin with it, and its latest version before the others.
    ids = [each["VersionId"] for each in takewhile(lambda each: each["Key"] == key, listed)]
    if version_id in ids:
        for each in reversed(ids[ids.index(version_id) :]):
            s3.delete_object(Bucket=bucket, Key=key, VersionId=each)


def restorable(versions: Sequence[Version], days: int, now: datetime) -> Version | None:
    """Return the version that a deleted key is restored from; None if none is left."""
    if not versions[0].is_marker:
        return None
    newest = next((each for each in versions if not each.is_marker), None)
    return None if newest is None or newest.is_expired(days, now) else newest


def choose(
    key: str, versions: Sequence[Version], version_id: str | None, days: int, now: datetime
) -> Version:
    """Return the version of a key to restore: the named one, or the newest of a deleted key.

    ``days`` is how long a version can be restored; 0 means that versioning is off. Raises
    ``RestoreError``.
    """
    if not days:
        raise RestoreError(
            "undelete-off",
            "The stack keeps no versions of originals, because the template's parameter "
            "UndeleteDays is 0. Set it to a number of days: originals that are deleted from then "
            "on can be restored.",
        )
    if version_id is not None:
        found = next((each for each in versions if each.id == version_id), None)
        if found is None or found.is_marker:
            what = "is a delete marker" if found else "does not exist, or has expired"
            raise RestoreError(
                "unknown-version",
                f"The version {version_id[:99]!r} of {key!r} {what}. `darkroom trash --versions` "
                "lists the versions that can be restored.",
            )
    else:
        found = next((each for each in versions if not each.is_marker), None)
        if found is None:
            raise RestoreError(
                "nothing-to-restore",
                f"No version of {key!r} is left: it never existed, or was deleted more than "
                f"{_days(days)} ago, or for good. Upload the image again.",
            )
    if found.replaced is None:
        raise RestoreError(
            "not-deleted",
            f"The image {key!r} exists, and this is its current version. To go back to an older "
            "version, name it: `darkroom trash --versions` lists them.",
        )
    if found.is_expired(days, now):
        raise RestoreError(
            "version-expired",
            f"The version {found.id!r} of {key!r} was deleted or replaced on "
            f"{found.replaced:%Y-%m-%d}. Versions can be restored for {_days(days)}. Upload the "
            "image again.",
        )
    return found


def restore(s3: "S3Client", bucket: str, version: Version, entry: Entry | None) -> str:
    """Copy a version onto its key, with its metadata; return the ID of the new version.

    The copy names the recipe that the version was last rendered by, if ``entry`` has it, so that
    the renditions are the same. Tags are not copied. Raises ``RestoreError``.
    """
    if version.size > COPY_BYTES:
        raise RestoreError(
            "too-many-bytes",
            f"The version has {version.size:,} bytes, and S3 copies at most {COPY_BYTES:,} in one "
            "request. Copy it with `aws s3api`, in parts.",
        )
    source: CopySourceTypeDef = {
        "Bucket": bucket,
        "Key": version.key,
        "VersionId": version.id,
    }
    try:
        copied = s3.copy_object(
            Bucket=bucket,
            Key=version.key,
            CopySource=source,
            TaggingDirective="REPLACE",
            **_metadata(s3, bucket, version, entry),
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("NoSuchVersion", "NoSuchKey", "404"):
            raise RestoreError(
                "unknown-version",
                f"The version {version.id!r} of {version.key!r} has just been deleted. Upload the "
                "image again.",
            ) from error
        if code == "InvalidObjectState":
            raise RestoreError(
                "archived",
                f"The version {version.id!r} of {version.key!r} is archived: its storage class "
                "cannot be read. Restore it from the archive in S3 first.",
            ) from error
        raise
    return copied["VersionId"]


def _metadata(s3: "S3Client", bucket: str, version: Version, entry: Entry | None) -> dict[str, Any]:
    """Return the parameters of a copy that give it the recipe of the last outcome.

    Empty if the version has that recipe itself, or the recipe is too long for metadata.
    """
    known = entry.get("deleted", entry) if entry else {}
    recipe = known.get("recipe")
    if recipe is None or known.get("version_id") != version.id:
        return {}
    head: Any = s3.head_object(Bucket=bucket, Key=version.key, VersionId=version.id)
    if recipe.startswith("{"):
        # Metadata is ASCII.
        recipe = json.dumps(json.loads(recipe), separators=(",", ":"))
    own = head["Metadata"]
    changed = {**own, "recipe": recipe}
    is_same = own.get("recipe", DEFAULT_RECIPE) == recipe
    if is_same or sum(len(f"{name}{value}") for name, value in changed.items()) > METADATA_BYTES:
        return {}
    headers = {name: head[name] for name in HEADERS if name in head}
    return {"MetadataDirective": "REPLACE", "Metadata": changed, **headers}


def _sorted(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the versions and markers of a page in the order of their keys."""
    listed = [
        *({**each, "IsMarker": True} for each in page.get("DeleteMarkers", [])),
        *page.get("Versions", []),
    ]
    return sorted(listed, key=lambda each: each["Key"].encode())


def _latest_first(group: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what S3 lists of a key, the latest first: times are in seconds, and may be equal."""
    return sorted(group, key=lambda each: (each["IsLatest"], each["LastModified"]), reverse=True)


def _version(each: dict[str, Any], replaced: datetime | None) -> Version:
    return Version(
        each["Key"],
        each["VersionId"],
        each["LastModified"],
        replaced,
        each.get("Size", 0),
        each.get("ETag", "").strip('"'),
        is_marker="IsMarker" in each,
    )


def _days(days: int) -> str:
    return f"{days} day{'s' if days > 1 else ''}"
