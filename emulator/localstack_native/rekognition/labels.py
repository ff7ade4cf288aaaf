"""DetectLabels: labels from the classifier's classes, with the object detector's boxes."""

from collections.abc import Mapping, Sequence
from typing import Any

from localstack_native.rekognition.image import DecodedImage
from localstack_native.rekognition.taxonomy import taxonomy

# AWS's default for MinConfidence.
DEFAULT_CONFIDENCE = 55.0
# AWS's model version, whose response shape is emulated.
MODEL_VERSION = "3.0"

# Labels of the detector's classes that have other names.
NAMES = {
    "Coffee cup": "Coffee Cup",
    "Computer monitor": "Monitor",
    "Computer mouse": "Mouse",
    "High heels": "High Heel",
    "Mug": "Cup",
    "Stationary bicycle": "Exercise Bike",
}


def detect(image: DecodedImage) -> list[dict[str, Any]]:
    """Return all labels with a confidence above 0, the highest first."""
    from localstack_native.rekognition.networks import classifier, object_detector

    tree = taxonomy()
    confidences = tree.add_up(classifier.classify(image.pixels).tolist())
    instances: dict[str, list[dict[str, Any]]] = {}
    for detected in object_detector.detect(image.pixels):
        name = NAMES.get(detected.kind, detected.kind)
        left, top, right, bottom = detected.box
        instances.setdefault(name, []).append(
            {
                "BoundingBox": {
                    "Width": right - left, "Height": bottom - top, "Left": left, "Top": top
                },
                "Confidence": detected.score * 100,
            }
        )  # fmt: skip
        for label in (name, *tree.ancestors(name)):
            confidences[label] = max(confidences[label], detected.score)
    return [
        {
            "Name": name,
            # A sum of rounded numbers may exceed 1 slightly.
            "Confidence": min(confidence, 1.0) * 100,
            "Instances": instances.get(name, []),
            "Parents": [{"Name": parent} for parent in tree.ancestors(name)],
            "Aliases": [],
            "Categories": [{"Name": tree.labels[name].category}],
        }
        for name, confidence in sorted(confidences.items(), key=lambda item: -item[1])
        if confidence
    ]


def filtered(
    labels: Sequence[dict[str, Any]],
    min_confidence: float,
    most: int | None,
    settings: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """Return the labels that pass a request's filters; exclusions outweigh inclusions."""
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
