"""What Rekognition found, as the catalog has it, and what follows from that."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps

from processor.images import Limits
from processor.workflow.settings import WorkflowSettings
from processor.workflow.work import Reason

FIELD = "analysis"
"""Of an entry: what Rekognition found, beside what the engine saw."""

NAMES = "label_names"

OURS = ("etag", "labels", "faces", "moderation")
"""What Rekognition found; the rest shows the picture, or tells of its file."""


def are_of(entry: Mapping[str, Any], etag: str) -> bool:
    """Whether what was found is there, and of this original."""
    return bool((entry.get(FIELD) or {}).get("etag") == etag)


def unseen(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a held picture's entry tells of it: nothing that shows it, not even blurred."""
    return {FIELD: _found(entry) or None}


def seen(entry: Mapping[str, Any], analysis: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the engine saw, beside what Rekognition found."""
    return {FIELD: {**_found(entry), **(analysis or {})} or None}


def _found(entry: Mapping[str, Any]) -> dict[str, Any]:
    known = entry.get(FIELD) or {}
    return {name: each for name, each in known.items() if name in OURS}


def picture(data: bytes, _limits: Limits) -> bytes:
    """The copy that Rekognition is asked about: upright, and no larger than it has use for."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    image.thumbnail((1280, 1280))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def read(found: Mapping[str, Any], etag: str) -> dict[str, Any]:
    """Rekognition's answers as fields of the entry; none where it could not read the picture."""
    if not found:
        return {}
    labels = [
        {
            "name": each["Name"],
            "confidence": round(each["Confidence"], 1),
            "parents": [parent["Name"] for parent in each.get("Parents", [])],
            "boxes": [_box(one["BoundingBox"]) for one in each.get("Instances", [])],
        }
        for each in found["labels"]["Labels"]
    ]
    analysis: dict[str, Any] = {"etag": etag, "labels": labels}
    if found.get("faces"):
        analysis["faces"] = [
            {"box": _box(each["BoundingBox"]), "confidence": round(each["Confidence"], 1)}
            for each in found["faces"]["FaceDetails"]
        ]
    if found.get("moderation"):
        analysis["moderation"] = [
            {
                "name": each["Name"],
                "parent": each.get("ParentName", ""),
                "confidence": round(each["Confidence"], 1),
            }
            for each in found["moderation"]["ModerationLabels"]
        ]
    names = {each["name"].lower() for each in labels}
    names |= {parent.lower() for each in labels for parent in each["parents"]}
    return {FIELD: analysis, NAMES: sorted(names)}


def _box(box: Mapping[str, float]) -> dict[str, float]:
    return {name.lower(): round(each, 4) for name, each in box.items()}


def reasons(
    entry: Mapping[str, Any], settings: WorkflowSettings, *, is_readable: bool
) -> list[Reason] | None:
    """Why the picture is to be reviewed; None if it is not."""
    if settings.analyze != "all":
        return None
    if not is_readable:
        return []
    found = (entry.get(FIELD) or {}).get("moderation", [])
    flagged: list[Reason] = [
        {"name": each["name"], "confidence": each["confidence"]}
        for each in found
        if each["confidence"] >= settings.moderation_confidence
    ]
    return flagged or None
