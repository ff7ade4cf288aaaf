"""What DetectModerationLabels answers.

The network tells explicit pictures from others, and no more: of AWS's taxonomy it finds the one
top category. All other labels are those that somebody has declared for a picture (`declared`).
"""

from functools import cache
from pathlib import Path
from typing import Any

from darkroom_emulator.rekognition.declared import DECLARED
from darkroom_emulator.rekognition.picture import Picture

# The confidence from which on AWS returns labels if it is not told.
DEFAULT_CONFIDENCE = 50.0
MODEL_VERSION = "7.0"

_FILE = Path(__file__).with_suffix(".txt")
_EXPLICIT = "Explicit"


def detect(picture: Picture) -> list[dict[str, Any]]:
    """Return labels, each behind its parent."""
    found = DECLARED.find(picture)
    if found is None:
        from darkroom_emulator.rekognition.networks import moderation_classifier

        found = {_EXPLICIT: moderation_classifier.probability(picture.image) * 100}
    return labels(found)


def labels(confidences: dict[str, float]) -> list[dict[str, Any]]:
    """Return the labels of some names, with those above them, as sure as the surest below."""
    parents = taxonomy()
    sure: dict[str, float] = {}
    for name, confidence in confidences.items():
        for each in _way_to(name, parents):
            sure[each] = max(confidence, sure.get(each, 0.0))
    return [
        {
            "Confidence": sure[name],
            "Name": name,
            "ParentName": parents[name],
            "TaxonomyLevel": len(_way_to(name, parents)),
        }
        for name in parents
        if name in sure
    ]


@cache
def taxonomy() -> dict[str, str]:
    """Return the parent of each label, which is empty for the top categories."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in _FILE.read_text().splitlines():
        name = line.strip()
        if name and not name.startswith("#"):
            depth = (len(line) - len(name)) // 2
            parents[name] = above[depth - 1] if depth else ""
            above = [*above[:depth], name]
    return parents


def _way_to(name: str, parents: dict[str, str]) -> list[str]:
    way = [name]
    while parents[way[0]]:
        way.insert(0, parents[way[0]])
    return way
