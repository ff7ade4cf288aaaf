"""Detected faces and subjects, and the crop that keeps them. Detection is done elsewhere."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from processor.images.plan.geometry import Box, Point, bounds

MIN_VISIBLE = 0.25
"""Part of a detected region that an earlier crop must have left for the region to count."""


class DetectedRegions(NamedTuple):
    """What crops keep of an image, as fractions of the upright original.

    Boxes of faces and other subjects, and the focal point that an editor has set.
    """

    faces: Sequence[Box] = ()
    subjects: Sequence[Box] = ()
    focal_point: Point | None = None

    def kept_by(self, gravity: str) -> Sequence[Box]:
        """Return the boxes that a crop with this gravity keeps.

        Faces stand in for subjects if there are none.
        """
        match gravity:
            case "face":
                return self.faces
            case "subject":
                return self.subjects or self.faces
            case _:
                return ()


NO_REGIONS = DetectedRegions()


def rotate_boxes(
    boxes: Iterable[Box], region: Box, size: tuple[float, float], angle: float
) -> list[Box]:
    """Return the boxes relative to ``region``, after that is rotated clockwise by ``angle``.

    ``size`` is the region's, in pixels. Boxes are cut off at its edges, and left out if too little
    of them remains.
    """
    across, down = region[2] - region[0], region[3] - region[1]
    rotated = []
    for box in boxes:
        moved = (
            (box[0] - region[0]) / across,
            (box[1] - region[1]) / down,
            (box[2] - region[0]) / across,
            (box[3] - region[1]) / down,
        )
        cut = (max(0, moved[0]), max(0, moved[1]), min(1, moved[2]), min(1, moved[3]))
        if cut[0] < cut[2] and cut[1] < cut[3] and _area(cut) >= MIN_VISIBLE * _area(moved):
            rotated.append(_rotated(cut, size, angle))
    return rotated


def rotate_point(point: Point, region: Box, size: tuple[float, float], angle: float) -> Point:
    """Return the point relative to ``region``, after that is rotated clockwise by ``angle``.

    ``size`` is the region's, in pixels. A point outside the region becomes the nearest one in it.
    """
    x = min(1.0, max(0.0, (point[0] - region[0]) / (region[2] - region[0])))
    y = min(1.0, max(0.0, (point[1] - region[1]) / (region[3] - region[1])))
    return _rotated((x, y, x, y), size, angle)[:2]


def center_of(boxes: Iterable[Box], window: tuple[float, float]) -> Point | None:
    """Return the center of the boxes that fit into the crop ``window``; None without boxes.

    The largest box comes first, then the others as far as they fit beside it. ``window`` is the
    crop's width and height, as fractions like the boxes.
    """
    shown: Box | None = None
    for box in sorted(boxes, key=_area, reverse=True):
        if shown is None:
            shown = box
            continue
        both = (
            min(shown[0], box[0]),
            min(shown[1], box[1]),
            max(shown[2], box[2]),
            max(shown[3], box[3]),
        )
        if both[2] - both[0] <= window[0] and both[3] - both[1] <= window[1]:
            shown = both
    return ((shown[0] + shown[2]) / 2, (shown[1] + shown[3]) / 2) if shown else None


def _rotated(box: Box, size: tuple[float, float], angle: float) -> Box:
    """Return the upright box around a box that is rotated with its image."""
    if angle == 0:
        return box
    width, height = bounds(*size, angle)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = [
        ((x - 0.5) * size[0], (y - 0.5) * size[1])
        for x in (box[0], box[2])
        for y in (box[1], box[3])
    ]
    # Clockwise, with y growing downwards.
    across = [0.5 + (x * cosine - y * sine) / width for x, y in corners]
    down = [0.5 + (x * sine + y * cosine) / height for x, y in corners]
    return min(across), min(down), max(across), max(down)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
