"""DetectText: lines of text and their words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from localstack_native.rekognition.image import DecodedImage

if TYPE_CHECKING:
    from localstack_native.rekognition.networks.text_reader import Text

MODEL_VERSION = "3.0"
MOST_WORDS = 100


def detect(image: DecodedImage, words: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the lines, followed by the words that pass a word filter."""
    from localstack_native.rekognition.networks import text_reader

    lines: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for line in text_reader.read(image.pixels):
        kept = [each for each in map(_described, line.words) if _passes(each, words)]
        kept = kept[: MOST_WORDS - len(parts)]
        if not kept:
            continue
        number = len(lines)
        lines.append({**_described(line), "Type": "LINE", "Id": number})
        parts.extend({**each, "Type": "WORD", "ParentId": number} for each in kept)
    return [*lines, *({**each, "Id": id_} for id_, each in enumerate(parts, len(lines)))]


def _described(text: "Text") -> dict[str, Any]:
    corners = [(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in text.corners]
    (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in zip(*corners, strict=True))
    return {
        "DetectedText": text.text,
        "Confidence": text.score * 100,
        "Geometry": {
            "BoundingBox": {
                "Width": right - left, "Height": bottom - top, "Left": left, "Top": top
            },
            "Polygon": [{"X": x, "Y": y} for x, y in corners],
        },
    }  # fmt: skip


def _passes(word: Mapping[str, Any], wanted: Mapping[str, float]) -> bool:
    box = word["Geometry"]["BoundingBox"]
    return bool(
        word["Confidence"] >= wanted.get("MinConfidence", 0)
        and box["Height"] >= wanted.get("MinBoundingBoxHeight", 0)
        and box["Width"] >= wanted.get("MinBoundingBoxWidth", 0)
    )
