"""Labels, faces and moderation labels of Rekognition, as fields of the catalog entry."""

from collections.abc import Mapping
from typing import Any

from processor.catalog.entries import Point
from processor.images import DetectedRegions
from processor.settings import ModerationSettings

FIELD = "analysis"
"""Field of an entry with what Rekognition detected, beside the engine's analysis."""

NAMES = "label_names"

FIELDS = (FIELD, NAMES, "review")
"""Fields of an entry that follow from Rekognition, as long as the image is the same."""

DETECTED = ("etag", "labels", "faces", "moderation")
"""Rekognition's part of the analysis; the rest is the engine's, and shows the image."""


def is_current(entry: Mapping[str, Any], etag: str, settings: ModerationSettings) -> bool:
    """Return whether the entry has all that the settings require, of this original."""
    known = entry.get(FIELD) or {}
    return known.get("etag") == etag and all(each in known for each in settings.questions)


def redacted(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the analysis of a held image: nothing that shows it, not even blurred."""
    return {FIELD: _detected(entry) or None}


def merged(entry: Mapping[str, Any], analysis: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the engine's analysis together with what Rekognition detected."""
    return {FIELD: {**_detected(entry), **(analysis or {})} or None}


def read(responses: Mapping[str, Any], etag: str) -> dict[str, Any]:
    """Return Rekognition's responses as fields of the entry; none if it could not read the image.

    Boxes are fractions of the image's sides, confidences are percent.
    """
    if not responses:
        return {}
    labels = [
        {
            "name": each["Name"],
            "confidence": round(each["Confidence"], 1),
            "parents": [parent["Name"] for parent in each.get("Parents", [])],
            "boxes": [_box(one["BoundingBox"]) for one in each.get("Instances", [])],
        }
        for each in responses["labels"]["Labels"]
    ]
    analysis: dict[str, Any] = {"etag": etag, "labels": labels}
    if responses.get("faces"):
        analysis["faces"] = [
            {"box": _box(each["BoundingBox"]), "confidence": round(each["Confidence"], 1)}
            for each in responses["faces"]["FaceDetails"]
        ]
    if responses.get("moderation"):
        analysis["moderation"] = [
            {
                "name": each["Name"],
                "parent": each.get("ParentName", ""),
                "confidence": round(each["Confidence"], 1),
            }
            for each in responses["moderation"]["ModerationLabels"]
        ]
    names = {each["name"].lower() for each in labels}
    names |= {parent.lower() for each in labels for parent in each["parents"]}
    return {FIELD: analysis, NAMES: sorted(names)}


def facts(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry that follow from Rekognition."""
    return {name: entry[name] for name in FIELDS if name in entry}


def undetected(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the engine's analysis in an entry, without what Rekognition detected."""
    known = entry.get(FIELD) or {}
    return {name: each for name, each in known.items() if name not in DETECTED}


def crop_regions(entry: Mapping[str, Any], focal_point: Point | None) -> DetectedRegions:
    """Return what crops keep: faces and subjects, and the image's focal point if it has one."""
    known = entry.get(FIELD) or {}
    return DetectedRegions(
        faces=[_corners(each["box"]) for each in known.get("faces", ())],
        subjects=[_corners(box) for each in known.get("labels", ()) for box in each["boxes"]],
        focal_point=(focal_point["x"], focal_point["y"]) if focal_point else None,
    )


def _detected(entry: Mapping[str, Any]) -> dict[str, Any]:
    known = entry.get(FIELD) or {}
    return {name: each for name, each in known.items() if name in DETECTED}


def _box(box: Mapping[str, float]) -> dict[str, float]:
    return {name.lower(): round(each, 4) for name, each in box.items()}


def _corners(box: Mapping[str, float]) -> tuple[float, float, float, float]:
    left, top = float(box["left"]), float(box["top"])
    return left, top, left + float(box["width"]), top + float(box["height"])
