"""What Rekognition found, as the catalog has it, and what follows from that."""

from collections.abc import Mapping
from typing import Any, TypedDict

from processor.images import Seen
from processor.moderation.settings import ModerationSettings

FIELD = "analysis"
"""Of an entry: what Rekognition found, beside what the engine saw."""

NAMES = "label_names"

FIELDS = (FIELD, NAMES, "review")
"""Of an entry: all that follows from the analysis of a picture, as long as it is the same one."""

OURS = ("etag", "labels", "faces", "moderation")
"""What Rekognition found; the rest shows the picture, or tells of its file."""


class Reason(TypedDict):
    """Why a picture is held: a moderation label, and how sure of it, in percent."""

    name: str
    confidence: float


def are_of(entry: Mapping[str, Any], etag: str, wishes: ModerationSettings) -> bool:
    """Whether all that is asked for was found out, and of this original."""
    known = entry.get(FIELD) or {}
    return known.get("etag") == etag and all(each in known for each in wishes.questions)


def unseen(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a held picture's entry tells of it: nothing that shows it, not even blurred."""
    return {FIELD: _found(entry) or None}


def seen(entry: Mapping[str, Any], analysis: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the engine saw, beside what Rekognition found."""
    return {FIELD: {**_found(entry), **(analysis or {})} or None}


def _found(entry: Mapping[str, Any]) -> dict[str, Any]:
    known = entry.get(FIELD) or {}
    return {name: each for name, each in known.items() if name in OURS}


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


def things(entry: Mapping[str, Any]) -> Seen:
    """Where the faces and subjects are that crops keep."""
    known = entry.get(FIELD) or {}
    return Seen(
        faces=[_corners(each["box"]) for each in known.get("faces", ())],
        subjects=[_corners(box) for each in known.get("labels", ()) for box in each["boxes"]],
    )


def _corners(box: Mapping[str, float]) -> tuple[float, float, float, float]:
    left, top = float(box["left"]), float(box["top"])
    return left, top, left + float(box["width"]), top + float(box["height"])


def reasons(
    entry: Mapping[str, Any], wishes: ModerationSettings, *, is_seen: bool
) -> list[Reason] | None:
    """Why the picture is to be reviewed; None if it is not.

    What could not be looked at, or not as a whole, is reviewed for no reason that has a name. Who
    has let a picture pass is not asked again about the same one.
    """
    if wishes.analyze != "all" or is_approved(entry):
        return None
    found = (entry.get(FIELD) or {}).get("moderation", [])
    flagged: list[Reason] = [
        {"name": each["name"], "confidence": each["confidence"]}
        for each in found
        if each["confidence"] >= wishes.moderation_confidence
    ]
    return flagged or (None if is_seen else [])


def is_approved(entry: Mapping[str, Any]) -> bool:
    """Whether somebody has let this picture pass, as it is."""
    review = entry.get("review") or {}
    known = entry.get(FIELD) or {}
    return review.get("decision") == "approve" and known.get("etag") == entry.get("etag")
