"""Published outcomes: kept in the entry while a request is processed, restored if it fails.

A request refers to an original that was rendered before. If it fails, what was published stays,
unless the original itself has changed or was deleted (docs/explanation/reliability.md).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from processor.catalog.entries import (
    METADATA,
    Entry,
    FailedRequest,
    RenditionEntry,
)
from processor.change import Change
from processor.errors import (
    DELETED,
    EXPIRED,
    ORIGINAL_DELETED,
    ORIGINAL_EXPIRED,
    PermanentError,
)

DAY = 24 * 3600

KEPT = ("done", "review", "rejected")
"""Outcomes that a failed request keeps."""

AGAIN = ("requested", "version-removed", "refocused")
"""Kinds of changes after which the original may be the one that was rendered before."""

NOT_IN_OUTCOME = (
    "filename",
    "shard",
    "status_shard",
    "sequencer",
    "updated",
    "renditions",
    "published",
    "failed_request",
    *METADATA,
)
"""Fields that are not part of an outcome, or that stay in the entry beside it."""


def snapshot(entry: Entry) -> dict[str, Any] | None:
    """Return the outcome that a request on this entry may replace; None if there is none."""
    if "published" in entry:
        return entry["published"]
    if entry["status"] not in KEPT or "retry" in entry:
        return None
    return {name: each for name, each in entry.items() if name not in NOT_IN_OUTCOME}


def is_about(change: Change, known: Mapping[str, Any]) -> bool:
    """Return whether a change refers to the original of the outcome, as far as it is known."""
    return change.kind in AGAIN or (change.etag is not None and change.etag == known.get("etag"))


def is_unchanged(entry: Entry) -> bool:
    """Return whether what was published before a request belongs to the present original."""
    return "published" in entry and entry["published"].get("etag") == entry.get("etag")


def is_original_deleted(entry: Mapping[str, Any]) -> bool:
    """Return whether the pipeline has deleted the original of what is published."""
    return bool(entry.get("published", entry).get("original") == "deleted")


def missing_original(
    entry: Mapping[str, Any], days: int = 0, now: float = 0
) -> PermanentError | None:
    """Return why the original of what is published is missing; None if it should be there.

    A lifecycle rule deletes originals after ``days``, if that is not 0. S3 reports it some time
    after ``now``, in seconds since 1970.
    """
    known = entry.get("published", entry)
    if is_original_deleted(entry):
        return DELETED
    if known.get("original") == "expired":
        return EXPIRED
    if not days or known["status"] not in KEPT:
        return None
    age = now - datetime.fromisoformat(known["timestamp"]).timestamp()
    return EXPIRED if age >= days * DAY else None


def is_removal_ours(entry: Mapping[str, Any]) -> bool:
    """Return whether a removal of the key may be the pipeline's own, after processing.

    The event of a purge names the version that was deleted.
    """
    return is_original_deleted(entry) and not is_purged(entry)


def is_purged(entry: Mapping[str, Any]) -> bool:
    """Return whether the pipeline has deleted the original for good, by its version."""
    return bool(entry.get("published", entry).get("purged"))


def has_failed_request(entry: Entry) -> bool:
    """Return whether the newest request for the image has failed and is not being processed."""
    return entry["status"] != "processing" and "failed_request" in entry


def restored(
    entry: Entry, renditions: Sequence[RenditionEntry], failed: FailedRequest
) -> dict[str, Any]:
    """Return the entry with the outcome that was published before a failed request.

    It keeps the request's sequencer: older changes stay superseded. A review that an execution
    waits for remains that execution's.
    """
    known = entry["published"]
    is_other = "version_id" in entry and entry["version_id"] != known.get("version_id")
    if failed["code"] == ORIGINAL_EXPIRED:
        known = {**known, "original": "expired"}
    elif is_other and failed["code"] != ORIGINAL_DELETED:
        # The same bytes were uploaded again since the original was deleted, and stay.
        known = {name: each for name, each in known.items() if name not in ("original", "purged")}
        known["version_id"] = entry["version_id"]
    back: dict[str, Any] = {
        **known,
        "filename": entry["filename"],
        "shard": entry["shard"],
        "sequencer": entry["sequencer"],
        "failed_request": failed,
    }
    if "uploaded_version" in entry:
        back["uploaded_version"] = entry["uploaded_version"]
    if renditions:
        back["renditions"] = list(renditions)
    if known["status"] != "review":
        # A repeated write is recognized by its owner.
        back["owner"] = entry["owner"]
        if "execution" in failed:
            back["execution"] = failed["execution"]
    return back
