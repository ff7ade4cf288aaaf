"""Connected regions of a mask, and their smallest rotated bounding boxes."""

import numpy as np
from numpy.typing import NDArray

type Points = NDArray[np.float64]

# Smaller rotations come first; a larger one must make the box notably smaller.
_ANGLES = np.radians(sorted(range(-45, 45), key=abs))
_NOTABLY = 0.98


def regions(mask: NDArray[np.bool_]) -> list[Points]:
    """Return the pixels (x, y) of each region; pixels are connected by a side or a corner."""
    edges = np.diff(mask.astype(np.int8), axis=1, prepend=0, append=0)
    rows, begins = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    owners = list(range(len(rows)))

    def owner(run: int) -> int:
        while owners[run] != run:
            owners[run] = owners[owners[run]]
            run = owners[run]
        return run

    first = np.searchsorted(rows, np.arange(len(mask) + 1))
    for row in range(1, len(mask)):
        above, here = int(first[row - 1]), int(first[row])
        while above < first[row] and here < first[row + 1]:
            if begins[here] <= ends[above] and begins[above] <= ends[here]:
                owners[owner(here)] = owner(above)
            if ends[above] < ends[here]:
                above += 1
            else:
                here += 1
    found: dict[int, list[int]] = {}
    for run in range(len(rows)):
        found.setdefault(owner(run), []).append(run)
    # The ends of runs contain the region's outline.
    return [
        np.array([(x, rows[run]) for run in runs for x in (begins[run], ends[run] - 1)], np.float64)
        for runs in found.values()
    ]


def smallest_box(points: Points) -> Points:
    """Return the corners of the smallest box around points, clockwise from the top left.

    The box is rotated by at most 45 degrees.
    """
    best: tuple[float, Points] | None = None
    for angle in _ANGLES:
        turned = points @ _rotation(-angle).T
        low, high = turned.min(axis=0), turned.max(axis=0)
        # A pixel is a square, not a point.
        area = float(np.prod(high - low + 1))
        if best is None or area < best[0] * _NOTABLY:
            corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
            best = area, corners @ _rotation(angle).T
    assert best is not None
    return best[1]


def _rotation(angle: float) -> Points:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
