"""Object detector: SSD on MobileNet v2, trained on Open Images v4, 300 pixels square.

M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018; W. Liu et al.,
"SSD: Single Shot MultiBox Detector", 2016. The file is from MediaPipe's npm package
(``@mediapipe/objectron``, Apache-2.0): the list of classes, followed by the model.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from localstack_native.rekognition import detector
from localstack_native.rekognition.networks import tflite
from localstack_native.rekognition.networks.boxes import non_max_suppression
from localstack_native.rekognition.networks.session import Network

SETTING = "EMULATOR_REKOGNITION_DETECTOR"
_SIDE = 300
# The model's offset in the file, which is the length of the list of classes.
_MODEL_AT = 184
_CELLS = (19, 10, 5, 3, 2, 1)
_SIZES = (0.2, 0.95)
_ASPECTS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
_MIN_SCORE = 0.4
_OVERLAP = 0.5


@dataclass(frozen=True)
class DetectedObject:
    """An object of one of the network's classes; its box is in ratios of the image, clipped."""

    kind: str
    box: tuple[float, float, float, float]
    score: float


def path() -> Path:
    """Return the path of the network's file, which may not exist."""
    return Path(os.environ.get(SETTING) or detector.PATH)


def _model() -> bytes:
    return tflite.convert(path().read_bytes()[_MODEL_AT:])


NETWORK = Network(_model)


def detect(image: Image.Image) -> list[DetectedObject]:
    """Return the objects, the highest score first; none if the network is not installed."""
    if not path().is_file():
        return []
    view = image.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR, reducing_gap=2)
    pixels = np.asarray(view, np.float32) / np.float32(127.5) - np.float32(1)
    numbers, logits = NETWORK.run(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
    boxes = np.clip(_decoded(numbers[0]), 0, 1)
    scores = 1 / (1 + np.exp(-np.clip(logits[0], -80, 80)))
    found: list[DetectedObject] = []
    for index, kind in enumerate(_kinds()):
        rows = np.flatnonzero(scores[:, index] >= _MIN_SCORE)
        # The first class is the background.
        if index and len(rows):
            kept = non_max_suppression(boxes[rows], scores[rows, index], _OVERLAP)
            found += [_detected(kind, boxes[rows[row]], scores[rows[row], index]) for row in kept]
    return sorted(found, key=lambda each: -each.score)


def _detected(kind: str, box: NDArray[np.float32], score: float) -> DetectedObject:
    left, top, right, bottom = (float(value) for value in box)
    return DetectedObject(kind, (left, top, right, bottom), float(score))


def _decoded(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return boxes from offsets to the anchors (y, x, height, width)."""
    anchors = _anchors()
    y, x, height, width = numbers.T
    center_x = x / 10 * anchors[:, 2] + anchors[:, 0]
    center_y = y / 10 * anchors[:, 3] + anchors[:, 1]
    half_width = np.exp(width / 5) * anchors[:, 2] / 2
    half_height = np.exp(height / 5) * anchors[:, 3] / 2
    return np.stack(
        [
            center_x - half_width,
            center_y - half_height,
            center_x + half_width,
            center_y + half_height,
        ],
        axis=1,
    )


@cache
def _kinds() -> list[str]:
    return path().read_bytes()[:_MODEL_AT].decode().splitlines()


@cache
def _anchors() -> NDArray[np.float32]:
    """Return center x and y, width and height of the network's 1917 anchors."""
    low, high = _SIZES
    sizes = [*np.linspace(low, high, len(_CELLS)), 1.0]
    rows: list[tuple[float, float, float, float]] = []
    for layer, cells in enumerate(_CELLS):
        size = sizes[layer]
        shapes = [(size, aspect) for aspect in _ASPECTS]
        shapes.append((float(np.sqrt(size * sizes[layer + 1])), 1.0))
        if layer == 0:
            shapes = [(0.1, 1.0), (size, 2.0), (size, 0.5)]
        for y in range(cells):
            for x in range(cells):
                for scale, aspect in shapes:
                    root = float(np.sqrt(aspect))
                    rows.append(((x + 0.5) / cells, (y + 0.5) / cells, scale * root, scale / root))
    return np.array(rows, np.float32)
