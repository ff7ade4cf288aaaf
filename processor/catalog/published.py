"""Published outcomes: kept in the entry while a request is processed, restored where it fails.

A request is about an original that was rendered before. If it cannot be fulfilled, what was
published stays, unless the original itself has changed or is gone (docs/reliability.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from processor.catalog.entries import (
    Entry,
    FailedRequest,
    RenditionEntry,
)
from processor.change import Change

KEPT = ("done", "review", "rejected")
"""Outcomes that a failed request leaves in place."""

APART = ("filename", "shard", "sequencer", "updated", "renditions", "published", "failed_request")
"""Fields that are not part of an outcome, or that stay in the entry beside it."""


def snapshot(entry: Entry) -> dict[str, Any] | None:
    """The outcome that a request on this entry puts at risk; None where there is none."""
    if "published" in entry:
        return entry["published"]
    if entry["status"] not in KEPT or "retry" in entry:
        return None
    return {name: each for name, each in entry.items() if name not in APART}


def is_about(change: Change, known: Mapping[str, Any]) -> bool:
    """Whether a change is about the original that the outcome was made from, as far as it tells."""
    return change.kind == "requested" or (
        change.etag is not None and change.etag == known.get("etag")
    )


def is_unchanged(entry: Entry) -> bool:
    """Whether what was published before a request was made from the original as it is known now."""
    return "published" in entry and entry["published"].get("etag") == entry.get("etag")


def has_failed_request(entry: Entry) -> bool:
    """Whether the newest request for the image has failed, and is not being worked on."""
    return entry["status"] != "processing" and "failed_request" in entry


def restored(
    entry: Entry, renditions: Sequence[RenditionEntry], failed: FailedRequest
) -> dict[str, Any]:
    """The entry with the outcome that was published before a request, which has failed.

    It keeps the request's sequencer, so that what is older than the request stays superseded. The
    review that an execution waits for is still that execution's.
    """
    known = entry["published"]
    back: dict[str, Any] = {
        **known,
        "filename": entry["filename"],
        "shard": entry["shard"],
        "sequencer": entry["sequencer"],
        "failed_request": failed,
    }
    if renditions:
        back["renditions"] = list(renditions)
    if known["status"] != "review":
        # A write that is sent again is recognized by its owner.
        back["owner"] = entry["owner"]
        if "execution" in failed:
            back["execution"] = failed["execution"]
    return back
