"""Trash: originals that can be restored, and originals that are deleted for good."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from darkroom.clock import clock
from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations.repair import drain, results
from processor.catalog.claims import Claims
from processor.catalog.entries import Entry
from processor.catalog.published import missing_original
from processor.change import NO_VERSION
from processor.errors import LostClaimError
from processor.storage.versions import (
    RestoreError,
    Version,
    choose,
    histories,
    restorable,
    restore,
)

FORGET_ROUNDS = 5
"""Attempts to delete an entry, each of which waits for the key's late messages."""


@dataclass(frozen=True, slots=True)
class Restorable:
    """A version that can be restored."""

    version: Version
    deleted: datetime
    """When it was deleted, or replaced by a newer version."""
    expires: datetime
    is_replaced: bool
    """Whether the key has a newer version, which may be deleted itself."""

    @property
    def days_left(self) -> int:
        """Whole days until it expires."""
        return max(0, (self.expires - clock.utc()) // timedelta(days=1))


def trash(cloud: Cloud, prefix: str, after: str, *, older: bool) -> Iterator[list[Restorable]]:
    """Yield what can be restored of each key below a prefix, in the order of the keys.

    That is the newest version of each deleted original, and all ``older`` ones if that is set.
    """
    days, time = cloud.undelete_days, clock.utc()
    for versions in histories(cloud.s3, cloud.outputs["RawBucket"], prefix, after):
        newest = restorable(versions, days, time)
        listed = [
            Restorable(each, each.replaced, end, is_replaced=each is not newest)
            for each in versions
            if (older or each is newest) and not each.is_marker and not each.is_expired(days, time)
            if each.replaced and (end := each.expires(days))
        ]
        if listed:
            yield listed


def restore_original(cloud: Cloud, key: str, version_id: str | None) -> str:
    """Restore a version of an original; return the sequencer that its outcome follows.

    Raises ``CommandError``.
    """
    entry = cloud.catalog.get(key)
    after = cloud.newest_sequencer(key, entry)
    try:
        version = choose(key, cloud.versions(key), version_id, cloud.undelete_days, clock.utc())
        restore(cloud.s3, cloud.outputs["RawBucket"], version, entry)
    except RestoreError as error:
        raise CommandError(str(error)) from error
    return after


def purge(cloud: Cloud, key: str, timeout: float) -> int:
    """Delete all versions and delete markers of a key, its renditions and its entry.

    Returns the number of versions. The latest is deleted last: while it is a delete marker, no
    older version becomes current. Raises ``CommandError`` if something may be left.
    """
    bucket = cloud.outputs["RawBucket"]
    entry = cloud.catalog.get(key)
    if cloud.original(key):
        cloud.s3.delete_object(Bucket=bucket, Key=key)
        entry = _outcome(cloud, key, entry, timeout)
    versions = cloud.versions(key)
    is_kept = not versions or (entry is not None and missing_original(entry) is not None)
    if is_kept and entry and entry["status"] != "deleted":
        # S3 has no event for what its lifecycle rules have deleted, and that of an original which
        # is deleted after processing does not delete its image.
        cloud.discard(key, entry)
        entry = _outcome(cloud, key, entry, timeout)
    for each in reversed(versions):
        cloud.s3.delete_object(Bucket=bucket, Key=key, VersionId=each.id)
    last = next((each.id for each in versions), None)
    while last not in NO_VERSION and (entry is None or entry.get("version_id") != last):
        entry = _outcome(cloud, key, entry, timeout)
    for _ in range(FORGET_ROUNDS):
        drain(cloud)
        if (found := cloud.catalog.get(key)) is None:
            break
        if found["status"] == "deleted":
            with suppress(LostClaimError):
                Claims(cloud.catalog).forget(found)
    left = [
        *(["versions"] if cloud.versions(key) else []),
        *(["renditions"] if any(cloud.renditions.list(key)) else []),
        *(["its entry"] if cloud.catalog.get(key) else []),
    ]
    if left:
        raise _incomplete(key, f"{' and '.join(left)} still exist")
    return sum(not each.is_marker for each in versions)


def _outcome(cloud: Cloud, key: str, before: Entry | None, timeout: float) -> Entry:
    """Return the entry after the next outcome of a key."""
    after = {key: before["sequencer"] if before else ""}
    for _, entry in results(cloud, after, timeout):
        return entry
    raise _incomplete(key, f"the pipeline has not followed within {timeout:.0f} s")


def _incomplete(key: str, why: str) -> CommandError:
    return CommandError(
        f"The original {key!r} is deleted, but {why}. To see why, run `darkroom show` and "
        "`darkroom dead`. Then run this command again."
    )
