"""Outcomes in the catalog's changes: which write of an entry is an event.

Each version of an image has one of ``done``, ``failed``, ``held`` and ``deleted``; a held one also
has ``approved`` or ``rejected``.
"""

from hashlib import blake2b
from typing import Any, Literal, cast

from msgspec import Struct

from processor.catalog import published
from processor.catalog.entries import Entry, Failure, Status

EventStatus = Literal[
    "done", "failed", "held", "approved", "rejected", "deleted", "variant-created"
]


class Rendition(Struct, frozen=True):
    """A published rendition. Sizes in pixels and bytes."""

    name: str
    key: str
    """Key in the bucket of renditions, and path of its URL."""
    width: int
    height: int
    bytes: int
    type: str
    etag: str


class Variant(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A stored variant. Sizes in pixels and bytes."""

    name: str
    """The options, in the order of stored variants, and the format: ``w_640,h_480.webp``."""
    key: str
    """Key in the bucket of renditions. CloudFront serves it at the variant's URL."""
    width: int | None = None
    height: int | None = None
    bytes: int
    type: str
    etag: str


class Event(Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The detail of an event: the outcome of one version of an image, or a variant of it."""

    id: str
    """The same at each delivery: it depends on key, version and status alone, and on name and
    ETag of a variant."""
    key: str
    version: str
    """Sequencer of the change: of two versions of a key, the greater text is the newer one."""
    status: EventStatus
    status_before: Status | None = None
    """The entry's status before: ``processing``, or ``review`` for a decision."""
    time: str
    """When the outcome was committed, or the variant stored."""
    recipe: str | None = None
    """A name, or a recipe as JSON."""
    renditions: list[Rendition] | None = None
    """All that is published; omitted if nothing is."""
    variant: Variant | None = None
    """The variant that was stored."""
    error: Failure | None = None
    """Why it failed."""
    published: Status | None = None
    """Of a request that failed: the status of the outcome that stays."""
    reasons: list[dict[str, Any]] | None = None
    """Why it is held: moderation labels with ``name`` and ``confidence`` in percent."""
    until: str | None = None
    """Of a held image: when it is rejected without a decision."""
    decided_by: str | None = None
    """Who has decided: ``api`` or ``timeout``."""
    correlation_id: str | None = None
    omitted: list[str] | None = None
    """Fields that are left out because the event would be too large; the API has them."""


def outcome_of(old: Entry | None, new: Entry | None) -> Event | None:
    """Return the event of a write from ``old`` to ``new``; None if it commits no outcome.

    An outcome that is written again, such as a repaired one, is the same event again.
    """
    if new is None:
        return None
    before: Entry | None = None  # the entry before, if it was about the same version
    if old and old["sequencer"] == new["sequencer"]:
        before = old
    if "failed_request" in new and new["status"] != "processing":
        if before and published.has_failed_request(before):
            return _decision(before, new)
        failed = new["failed_request"]
        error: Failure = {"code": failed["code"], "message": failed["message"]}
        return _event(old, new, "failed", error=error, published=new["status"])
    status = new["status"]
    if status == "review" and "review_token" in new:
        is_held = before is not None and "review_token" in before
        why = {name: new["review"].get(name) for name in ("reasons", "until")}
        return None if is_held else _event(old, new, "held", **why)
    if status in {"done", "failed", "deleted"}:
        is_known = before is not None and before["status"] == status
        outcome = cast("EventStatus", status)
        return None if is_known else _event(old, new, outcome, error=new.get("error"))
    return _decision(before, new)


def _decision(before: Entry | None, new: Entry) -> Event | None:
    """Return the event of a review's decision."""
    if before is None or before["status"] != "review":
        return None
    review = new.get("review", {})
    if new["status"] == "rejected":
        return _event(before, new, "rejected", decided_by=review.get("by"))
    if new["status"] == "processing" and review.get("decision") == "approve":
        return _event(before, new, "approved", decided_by=review.get("by"))
    return None


def _event(old: Entry | None, new: Entry, status: EventStatus, **more: Any) -> Event:  # noqa: ANN401 (fields of an event)
    renditions = None
    if status in {"done", "failed"} and new.get("renditions"):
        renditions = [
            Rendition(
                name=each["name"],
                key=each["key"],
                width=each["width"],
                height=each["height"],
                bytes=each["bytes"],
                type=each["type"],
                etag=each["etag"],
            )
            for each in new["renditions"]
        ]
    return Event(
        id=event_id(new["filename"], new["sequencer"], status),
        key=new["filename"],
        version=new["sequencer"],
        status=status,
        status_before=old["status"] if old else None,
        time=new["updated"],
        recipe=new.get("recipe"),
        renditions=renditions,
        correlation_id=new.get("correlation_id"),
        **more,
    )


def event_id(key: str, version: str, status: EventStatus, *more: str) -> str:
    """Return the ID of an event: 32 hexadecimal digits.

    ``more`` is what differs between events of one version with the same status.
    """
    return blake2b("\0".join((key, version, status, *more)).encode(), digest_size=16).hexdigest()
