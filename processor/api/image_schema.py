"""What the API tells of a catalog entry."""

from typing import Any, cast
from urllib.parse import quote

import msgspec

from processor.api.markup import Shown, markup, sources, whole
from processor.catalog.entries import (
    Entry,
    FailedRequest,
    RenditionEntry,
)
from processor.images import decode_recipe
from processor.pipeline.recipe_book import INLINE

FACTS = {
    "size": "bytes",
    "format": "format",
    "width": "width",
    "height": "height",
    "frames": "frames",
    "analysis": "analysis",
    "timings": "timings",
    "correlation_id": "correlation_id",
    "error": "error",
    "retry": "retry",
    "review": "review",
    "execution": "execution",
}
"""What is there once it is known: its names in the catalog and in the API."""

OF_RENDITIONS = ("width", "height", "bytes", "type", "ms")


def describe(entry: Entry, site: str) -> dict[str, Any]:
    """An entry as the schema ``Image`` of docs/openapi.yaml; ``site`` is where renditions are."""
    renditions = entry.get("renditions", [])
    shown = [_shown(each, site) for each in renditions]
    width, height = entry.get("width"), entry.get("height")
    groups = whole(shown, width, height) if width and height else {}
    told: dict[str, Any] = {
        "key": entry["filename"],
        "status": entry["status"],
        "version": entry["sequencer"],
        "uploaded": entry["timestamp"],
        "updated": entry["updated"],
        "renditions": [_rendition(each, site) for each in renditions],
        "sources": sources(groups),
        "markup": markup(groups, shown),
        "placeholder": _placeholder(entry),
    }
    facts = cast("dict[str, Any]", entry)
    told |= {name: facts[known] for known, name in FACTS.items() if facts.get(known) is not None}
    if analysis := told.get("analysis"):
        told["analysis"] = {name: each for name, each in analysis.items() if name != "etag"}
    if recipe := entry.get("recipe"):
        told["recipe"] = _recipe(recipe)
    if failed := entry.get("failed_request"):
        told["failed_request"] = _failed_request(failed)
    return told


def _rendition(rendition: RenditionEntry, site: str) -> dict[str, Any]:
    path = _path(rendition)
    known = cast("dict[str, Any]", rendition)
    return {
        "name": rendition["name"],
        "path": path,
        "url": f"{site}/{path}",
        **{name: known[name] for name in OF_RENDITIONS},
    }


def _shown(rendition: RenditionEntry, site: str) -> Shown:
    return Shown(
        url=f"{site}/{_path(rendition)}",
        width=rendition["width"],
        height=rendition["height"],
        bytes=rendition["bytes"],
        type=rendition["type"],
    )


def _path(rendition: RenditionEntry) -> str:
    """Where a rendition is below the site's root, and which of those that were there it is.

    The CDN keeps each separately, so that a new one shows at once.
    """
    return f"{quote(rendition['key'], safe='/')}?v={rendition['etag'][:8]}"


def _placeholder(entry: Entry) -> dict[str, str] | None:
    analysis = entry.get("analysis")
    if not analysis or "thumbhash" not in analysis:
        return None  # of a picture that is held, nothing is shown
    return {"thumbhash": analysis["thumbhash"], "color": analysis["dominant"]}


def _failed_request(failed: FailedRequest) -> dict[str, Any]:
    told: dict[str, Any] = {name: failed[name] for name in ("code", "message", "time")}
    if recipe := failed.get("recipe"):
        told["recipe"] = _recipe(recipe)
    return told


def _recipe(written: str) -> str | msgspec.Raw:
    """A recipe's name, or the one that is written out as what it is."""
    if not written.startswith(INLINE):
        return written
    try:
        return msgspec.Raw(msgspec.json.encode(decode_recipe(written.encode())))
    except ValueError:
        return written
