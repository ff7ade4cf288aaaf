"""The API's schema ``Image``: a catalog entry as clients see it."""

from typing import Any, cast
from urllib.parse import quote

import msgspec

from processor.api.markup import Candidate, markup, sources, uncropped
from processor.catalog.entries import Entry, FailedRequest, RenditionEntry
from processor.catalog.metadata import etag_of
from processor.images import decode_recipe
from processor.pipeline.recipe_book import INLINE
from processor.settings import VariantMode

OPTIONAL_FIELDS = {
    "bytes": "size",
    "format": "format",
    "width": "width",
    "height": "height",
    "frames": "frames",
    "warnings": "warnings",
    "gain_map": "gain_map",
    "analysis": "analysis",
    "timings": "timings",
    "correlation_id": "correlation_id",
    "duplicate_of": "duplicate_of",
    "error": "error",
    "retry": "retry",
    "review": "review",
    "execution": "execution",
    "original": "original",
    "name": "name",
    "alt": "alt",
    "title": "title",
    "tags": "tags",
    "focal_point": "focal_point",
    "rendered_focal_point": "rendered_focal_point",
    "fields": "fields",
    "edited": "edited",
}
"""Fields that an image has once they are known, with the catalog's names."""

RENDITION_FIELDS = ("width", "height", "bytes", "type", "ms")


def image_of(
    entry: Entry, site_url: str, variants: VariantMode, *, is_signable: bool
) -> dict[str, Any]:
    """Return an entry as the schema ``Image`` of docs/reference/openapi.yaml.

    ``site_url`` is the URL below which renditions and variants are served, and ``variants`` says
    which URLs of variants are. ``is_signable`` says whether the API signs such URLs.
    """
    renditions = [_rendition(each, site_url) for each in entry.get("renditions", [])]
    candidates = [
        Candidate(**{name: each[name] for name in Candidate._fields}) for each in renditions
    ]
    width, height = entry.get("width"), entry.get("height")
    groups = uncropped(candidates, width, height) if width and height else {}
    image: dict[str, Any] = {
        "key": entry["filename"],
        "status": entry["status"],
        "version": entry["sequencer"],
        "uploaded": entry["timestamp"],
        "updated": entry["updated"],
        "renditions": renditions,
        "sources": sources(groups),
        "markup": markup(groups, candidates, entry.get("alt", "")),
        "placeholder": _placeholder(entry),
        "metadata_etag": etag_of(entry),
    }
    # {signature} and {options} are the client's part: docs/reference/variants.md.
    options = f"{{options}}/{quote(entry['filename'], safe='/')}"
    if variants != "off":
        image["variant_url"] = f"{site_url}/i/{{signature}}/{options}"
        image["signable"] = is_signable
    if variants == "presets":
        image["preset_url"] = f"{site_url}/i/-/{options}"
    known = cast("dict[str, Any]", entry)
    image |= {
        name: known[field]
        for name, field in OPTIONAL_FIELDS.items()
        if known.get(field) is not None
    }
    if analysis := image.get("analysis"):
        image["analysis"] = {name: each for name, each in analysis.items() if name != "etag"}
    if recipe := entry.get("recipe"):
        image["recipe"] = _recipe(recipe)
    if failed := entry.get("failed_request"):
        image["failed_request"] = _failed_request(failed)
    return image


def _rendition(rendition: RenditionEntry, site_url: str) -> dict[str, Any]:
    # The CDN caches each version of a rendition separately: a new one is served at once.
    path = f"{quote(rendition['key'], safe='/')}?v={rendition['etag'][:8]}"
    known = cast("dict[str, Any]", rendition)
    return {
        "name": rendition["name"],
        "path": path,
        "url": f"{site_url}/{path}",
        **{name: known[name] for name in RENDITION_FIELDS},
    }


def _placeholder(entry: Entry) -> dict[str, str] | None:
    analysis = entry.get("analysis")
    if not analysis or "thumbhash" not in analysis:
        return None  # an image that is held for review has no thumbhash
    return {"thumbhash": analysis["thumbhash"], "color": analysis["dominant"]}


def _failed_request(failed: FailedRequest) -> dict[str, Any]:
    request: dict[str, Any] = {name: failed[name] for name in ("code", "message", "time")}
    if recipe := failed.get("recipe"):
        request["recipe"] = _recipe(recipe)
    return request


def _recipe(recipe: str) -> str | msgspec.Raw:
    """Return a recipe's name, or an inline recipe as an object."""
    if not recipe.startswith(INLINE):
        return recipe
    try:
        return msgspec.Raw(msgspec.json.encode(decode_recipe(recipe.encode())))
    except ValueError:
        return recipe
