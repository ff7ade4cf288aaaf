"""Rekognition in the shared LocalStack; responses are checked against the service's model."""

import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from localstack_native.rekognition import detector

from .localstack import LocalStack

SAMPLES = Path(__file__).with_name("images")
ASTRONAUT = SAMPLES / "astronaut.jpg"
# Left, top, right, bottom of the one face, by eye.
FACE = (0.35, 0.14, 0.54, 0.36)
# From the npm registry, which is not everywhere.
HAS_DETECTOR = detector.PATH.exists()

needs_detector = pytest.mark.skipif(
    not HAS_DETECTOR and os.environ.get("CI") != "true", reason="`make install` could not get it"
)

Box = tuple[float, float, float, float]


class Rekognition:
    """A client that checks every response before botocore parses it."""

    def __init__(self, emulator: LocalStack) -> None:
        self.client = emulator.client("rekognition")
        self.client.meta.events.register("after-call.rekognition.*", self._check)

    @staticmethod
    def _check(http_response: Any, model: Any, **_: Any) -> None:
        if http_response.status_code == 200:
            check(json.loads(http_response.content), model.output_shape, model.name)

    def labels(self, image: bytes, **settings: Any) -> dict[str, dict[str, Any]]:
        """Return the labels of an image by name."""
        response = self.client.detect_labels(Image={"Bytes": image}, **settings)
        return {each["Name"]: each for each in response["Labels"]}

    def faces(self, image: bytes) -> list[dict[str, Any]]:
        """Return the faces in an image."""
        response = self.client.detect_faces(Image={"Bytes": image})
        return list(response["FaceDetails"])

    def moderation(self, image: bytes, **settings: Any) -> list[dict[str, Any]]:
        """Return an image's moderation labels."""
        response = self.client.detect_moderation_labels(Image={"Bytes": image}, **settings)
        assert response["ModerationModelVersion"] == "7.0"
        return list(response["ModerationLabels"])

    def text(self, image: bytes, **filters: Any) -> list[dict[str, Any]]:
        """Return the text in an image."""
        response = self.client.detect_text(Image={"Bytes": image}, Filters=filters)
        return list(response["TextDetections"])


def check(value: Any, shape: Any, where: str) -> None:
    """Fail unless a value has the model's shape, without additional members."""
    kinds: dict[str, Any] = {
        "structure": dict, "list": list, "string": str, "integer": int, "float": (int, float),
        "boolean": bool,
    }  # fmt: skip
    assert isinstance(value, kinds[shape.type_name]), f"{where} is {value!r}"
    limits = shape.metadata
    match shape.type_name:
        case "structure":
            assert value.keys() <= shape.members.keys(), f"{where} has {value.keys()}"
            assert set(shape.required_members) <= value.keys(), f"{where} lacks a member"
            for name, each in value.items():
                check(each, shape.members[name], f"{where}.{name}")
        case "list":
            for index, each in enumerate(value):
                check(each, shape.member, f"{where}[{index}]")
        case "string":
            assert value in (shape.enum or [value]), f"{where} is {value!r}"
        case "integer" | "float":
            assert limits.get("min", value) <= value <= limits.get("max", value), where


def sample(name: str) -> bytes:
    """Return a sample photograph."""
    return (SAMPLES / name).read_bytes()


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return an image as a file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def box_of(found: dict[str, Any]) -> Box:
    """Return left, top, right and bottom of a detection."""
    box = found["BoundingBox"]
    return box["Left"], box["Top"], box["Left"] + box["Width"], box["Top"] + box["Height"]


def overlap(one: Box, other: Box) -> float:
    """Return the ratio of intersection to union."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (both - width * height)
