"""What DetectLabels answers: the classifier's classes added up, and the detector's boxes."""

from collections.abc import Mapping, Sequence
from typing import Any

from darkroom_emulator.rekognition.picture import Picture
from darkroom_emulator.rekognition.taxonomy import taxonomy

# The confidence from which on AWS returns labels if it is not told.
DEFAULT_CONFIDENCE = 55.0
# AWS's own, whose answers these have the shape of.
MODEL_VERSION = "3.0"

# The detector's classes whose labels have other names.
NAMES = {
    "Coffee cup": "Coffee Cup",
    "Computer monitor": "Monitor",
    "Computer mouse": "Mouse",
    "High heels": "High Heel",
    "Mug": "Cup",
    "Stationary bicycle": "Exercise Bike",
}


def detect(picture: Picture) -> list[dict[str, Any]]:
    """Return all labels that have something to them, surest first."""
    from darkroom_emulator.rekognition.networks import classifier, object_detector

    tree = taxonomy()
    confidences = tree.add_up(classifier.classify(picture.image).tolist())
    instances: dict[str, list[dict[str, Any]]] = {}
    for thing in object_detector.detect(picture.image):
        name = NAMES.get(thing.kind, thing.kind)
        left, top, right, bottom = thing.box
        instances.setdefault(name, []).append(
            {
                "BoundingBox": {
                    "Width": right - left, "Height": bottom - top, "Left": left, "Top": top
                },
                "Confidence": thing.score * 100,
            }
        )  # fmt: skip
        for label in (name, *tree.ancestors(name)):
            confidences[label] = max(confidences[label], thing.score)
    return [
        {
            "Name": name,
            # Sums of rounded numbers may be above 1 by a little.
            "Confidence": min(confidence, 1.0) * 100,
            "Instances": instances.get(name, []),
            "Parents": [{"Name": parent} for parent in tree.ancestors(name)],
            "Aliases": [],
            "Categories": [{"Name": tree.labels[name].category}],
        }
        for name, confidence in sorted(confidences.items(), key=lambda item: -item[1])
        if confidence
    ]


def chosen(
    labels: Sequence[dict[str, Any]],
    min_confidence: float,
    most: int | None,
    settings: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """Return the labels that a request wants. Excluding outweighs including."""
    found = [
        label
        for label in labels
        if label["Confidence"] >= min_confidence and _is_wanted(label, settings)
    ]
    return found[:most]


def _is_wanted(label: Mapping[str, Any], settings: Mapping[str, Sequence[str]]) -> bool:
    name, category = label["Name"], label["Categories"][0]["Name"]
    names = settings.get("LabelInclusionFilters") or ()
    categories = settings.get("LabelCategoryInclusionFilters") or ()
    if (names or categories) and name not in names and category not in categories:
        return False
    return name not in (settings.get("LabelExclusionFilters") or ()) and category not in (
        settings.get("LabelCategoryExclusionFilters") or ()
    )
