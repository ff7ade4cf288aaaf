"""Crops that keep faces or other subjects; where those are, somebody else has found."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from processor.images.plan.geometry import Box, bounds

Looked = Literal["face", "subject"]

LEAST_VISIBLE = 0.25
"""Part of a subject that a crop before must have left, for it to count."""


class Seen(NamedTuple):
    """What is in a picture: boxes as fractions of the upright original."""

    faces: Sequence[Box] = ()
    subjects: Sequence[Box] = ()

    def wanted(self, gravity: Looked) -> Sequence[Box]:
        """What such a crop keeps. A face is a subject, where no other was found."""
        return self.faces if gravity == "face" else self.subjects or self.faces


def turned(boxes: Iterable[Box], base: Box, size: tuple[float, float], angle: float) -> list[Box]:
    """The boxes in the part ``base`` of a picture, once that is turned clockwise by ``angle``.

    ``size`` is the part's, in pixels. What of a box lies outside of it is cut off; boxes of which
    too little is left are left out.
    """
    across, down = base[2] - base[0], base[3] - base[1]
    left_over = []
    for box in boxes:
        moved = (
            (box[0] - base[0]) / across,
            (box[1] - base[1]) / down,
            (box[2] - base[0]) / across,
            (box[3] - base[1]) / down,
        )
        seen = (max(0, moved[0]), max(0, moved[1]), min(1, moved[2]), min(1, moved[3]))
        if seen[0] < seen[2] and seen[1] < seen[3] and _area(seen) >= LEAST_VISIBLE * _area(moved):
            left_over.append(_turned(seen, size, angle))
    return left_over


def focus_on(boxes: Iterable[Box], window: tuple[float, float]) -> tuple[float, float] | None:
    """The point that a window has to be around to show what it can; None without boxes.

    The largest box comes first, the others as far as they fit beside it. ``window`` is its width
    and height; all are fractions.
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


def _turned(box: Box, size: tuple[float, float], angle: float) -> Box:
    """The upright box around a box that was turned with its picture."""
    if angle == 0:
        return box
    width, height = bounds(*size, angle)
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = [
        ((x - 0.5) * size[0], (y - 0.5) * size[1])
        for x in (box[0], box[2])
        for y in (box[1], box[3])
    ]
    # Clockwise, where y grows downwards.
    across = [0.5 + (x * cosine - y * sine) / width for x, y in corners]
    down = [0.5 + (x * sine + y * cosine) / height for x, y in corners]
    return min(across), min(down), max(across), max(down)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
