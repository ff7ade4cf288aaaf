"""DetectModerationLabels: explicit images, and overrides for other labels.

The network only detects explicit images: one top category of AWS's taxonomy. All other labels come
from overrides (`moderation_overrides`).
"""

from functools import cache
from pathlib import Path
from typing import Any

from localstack_native.rekognition.image import DecodedImage
from localstack_native.rekognition.moderation_overrides import OVERRIDES

# AWS's default for MinConfidence.
DEFAULT_CONFIDENCE = 50.0
MODEL_VERSION = "7.0"

_FILE = Path(__file__).with_suffix(".txt")
_EXPLICIT = "Explicit"


def detect(image: DecodedImage) -> list[dict[str, Any]]:
    """Return the labels of an image, each after its parent."""
    found = OVERRIDES.find(image)
    if found is None:
        from localstack_native.rekognition.networks import moderation_classifier

        found = {_EXPLICIT: moderation_classifier.probability(image.pixels) * 100}
    return labels(found)


def labels(confidences: dict[str, float]) -> list[dict[str, Any]]:
    """Return the labels of some names and their ancestors.

    An ancestor's confidence is the highest of its descendants.
    """
    parents = taxonomy()
    highest: dict[str, float] = {}
    for name, confidence in confidences.items():
        for each in _path_to(name, parents):
            highest[each] = max(confidence, highest.get(each, 0.0))
    return [
        {
            "Confidence": highest[name],
            "Name": name,
            "ParentName": parents[name],
            "TaxonomyLevel": len(_path_to(name, parents)),
        }
        for name in parents
        if name in highest
    ]


@cache
def taxonomy() -> dict[str, str]:
    """Return the parent of each label; an empty string for top categories."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in _FILE.read_text().splitlines():
        name = line.strip()
        if name and not name.startswith("#"):
            depth = (len(line) - len(name)) // 2
            parents[name] = above[depth - 1] if depth else ""
            above = [*above[:depth], name]
    return parents


def _path_to(name: str, parents: dict[str, str]) -> list[str]:
    path = [name]
    while parents[path[0]]:
        path.insert(0, parents[path[0]])
    return path
