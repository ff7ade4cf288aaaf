"""Text reader: detection and recognition of lines by PP-OCRv6 small.

https://github.com/PaddlePaddle/PaddleOCR; the models are from the package ``rapidocr``, whose code
needs OpenCV and is not used.

Detection: M. Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", 2020.
Recognition: A. Graves et al., "Connectionist Temporal Classification", 2006.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from localstack_native.rekognition.networks.regions import Points, regions, smallest_box
from localstack_native.rekognition.networks.session import Network, file_of

EXTRA = "text"

_MULTIPLE = 32
_SHORTER, _LONGER = 736, 1280
_INK, _MIN_INK = 0.3, 0.5
# Regions are the cores of lines: the margin around them is proportional to area by perimeter.
_GROWTH = 1.6
_MIN_PIXELS, _MIN_HEIGHT = 12, 5.0
_LINE_HEIGHT = 48
_MAX_LINES = 100
_UPRIGHT = 1.5
_MIN_SCORE = 0.5


@dataclass(frozen=True)
class Text:
    """A text with its score and its corners, in ratios of the image, clockwise from top left."""

    text: str
    score: float
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Line(Text):
    """A line of text with its words."""

    words: tuple[Text, ...]


DETECTOR = Network(lambda: file_of("rapidocr", "models/PP-OCRv6_det_small.onnx", EXTRA))
READER = Network(lambda: file_of("rapidocr", "models/PP-OCRv6_rec_small.onnx", EXTRA))


def read(image: Image.Image) -> list[Line]:
    """Return the lines from top to bottom."""
    boxes = sorted(_boxes(image), key=lambda box: float(box[:, 1].mean()))
    lines = (_line(image, box) for box in boxes[:_MAX_LINES])
    return [line for line in lines if line]


def _boxes(image: Image.Image) -> Iterator[Points]:
    """Yield the corners of lines, in pixels."""
    scale = min(max(_SHORTER / min(image.size), 1.0), _LONGER / max(image.size))
    width, height = (
        max(_MULTIPLE, round(side * scale / _MULTIPLE) * _MULTIPLE) for side in image.size
    )
    view = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2)
    ink = DETECTOR.run(_tensor(view))[0][0, 0]
    for region in regions(ink > _INK):
        if np.ptp(region[:, 0]) * np.ptp(region[:, 1]) < _MIN_PIXELS:
            continue
        box = smallest_box(region)
        across, down = box[1] - box[0], box[3] - box[0]
        wide, high = float(np.hypot(*across)) + 1, float(np.hypot(*down)) + 1
        if _inked(ink, box) < _MIN_INK or min(wide, high) < 3:
            continue
        grown = wide * high * _GROWTH / (2 * (wide + high))
        along = grown * across / max(wide - 1, 1)
        aside = grown * down / max(high - 1, 1)
        corners = box + np.array([-along - aside, along - aside, along + aside, aside - along])
        if min(wide, high) + 2 * grown >= _MIN_HEIGHT:
            yield corners * (np.array(image.size) / (width, height))


def _inked(ink: NDArray[np.float32], box: Points) -> float:
    """Return the detector's mean probability of ink in a box."""
    steps = np.linspace(0, 1, 24)
    across, down = np.meshgrid(steps, np.linspace(0, 1, 8))
    points = box[0] + across[..., None] * (box[1] - box[0]) + down[..., None] * (box[3] - box[0])
    x = np.clip(points[..., 0].round().astype(int), 0, ink.shape[1] - 1)
    y = np.clip(points[..., 1].round().astype(int), 0, ink.shape[0] - 1)
    return float(ink[y, x].mean())


def _line(image: Image.Image, box: Points) -> Line | None:
    wide, high = np.hypot(*(box[1] - box[0])), np.hypot(*(box[3] - box[0]))
    # A line that is higher than wide runs upwards or downwards: the better score decides.
    ways = (1, -1) if high > wide * _UPRIGHT else (0,)
    lines = [_read(image, np.roll(box, way, axis=0)) for way in ways]
    best = max(lines, key=lambda line: line.score)
    return best if best.score >= _MIN_SCORE else None


def _read(image: Image.Image, box: Points) -> Line:
    wide, high = np.hypot(*(box[1] - box[0])), np.hypot(*(box[3] - box[0]))
    strip = image.transform(
        (max(_LINE_HEIGHT, round(float(wide * _LINE_HEIGHT / high))), _LINE_HEIGHT),
        Image.Transform.QUAD,
        # Top left, bottom left, bottom right, top right.
        [float(value) for index in (0, 3, 2, 1) for value in box[index]],
        Image.Resampling.BICUBIC,
    )
    characters = _characters(READER.run(_tensor(strip))[0][0])
    words = tuple(
        Text(word, score, _part(box, image, begin, end))
        for word, score, begin, end in _words(characters)
    )
    score = float(np.mean([each.score for each in words])) if words else 0.0
    return Line(" ".join(each.text for each in words), score, _part(box, image, 0, 1), words)


def _characters(probabilities: NDArray[np.float32]) -> list[tuple[str, float, float]]:
    """Return characters with their scores and their positions in the line, from 0 to 1."""
    best = probabilities.argmax(axis=1)
    begins = np.flatnonzero((best != 0) & (best != np.roll(best, 1)))
    alphabet = _alphabet()
    return [
        (
            alphabet[best[step] - 1],
            float(probabilities[step, best[step]]),
            (float(step) + 0.5) / len(best),
        )
        for step in begins
    ]


def _words(
    characters: list[tuple[str, float, float]],
) -> Iterator[tuple[str, float, float, float]]:
    """Yield the words with their scores, and their start and end positions, from 0 to 1."""
    gaps = [index for index, (character, _, _) in enumerate(characters) if character.isspace()]
    for first, last in zip([-1, *gaps], [*gaps, len(characters)], strict=True):
        word = characters[first + 1 : last]
        if word:
            yield (
                "".join(character for character, _, _ in word),
                float(np.mean([score for _, score, _ in word])),
                characters[first][2] if first >= 0 else 0.0,
                characters[last][2] if last < len(characters) else 1.0,
            )


def _part(
    box: Points, image: Image.Image, begin: float, end: float
) -> tuple[tuple[float, float], ...]:
    """Return the corners of a part of a line, in ratios of the image."""
    across, down = box[1] - box[0], box[3] - box[0]
    left, right = box[0] + begin * across, box[0] + end * across
    corners = np.array([left, right, right + down, left + down]) / image.size
    return tuple((float(x), float(y)) for x, y in corners)


@cache
def _alphabet() -> list[str]:
    return [*READER.metadata()["character"].split("\n"), " "]


def _tensor(view: Image.Image) -> NDArray[np.float32]:
    # The networks expect BGR.
    pixels = np.asarray(view, np.float32)[:, :, ::-1] / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
