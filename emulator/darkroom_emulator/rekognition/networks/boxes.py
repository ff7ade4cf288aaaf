"""Boxes as rows of left, top, right and bottom, in ratios of the picture."""

import numpy as np
from numpy.typing import NDArray

type Boxes = NDArray[np.float32]


def strongest(boxes: Boxes, scores: NDArray[np.float32], overlap: float) -> list[int]:
    """Return the rows that stay when each silences those it overlaps with, best first.

    ``overlap`` is the ratio of intersection to union from which on two boxes are of one thing.
    """
    kept: list[int] = []
    left = np.argsort(-scores)
    while len(left):
        best, rest = int(left[0]), left[1:]
        kept.append(best)
        left = rest[overlaps(boxes[best], boxes[rest]) < overlap]
    return kept


def overlaps(box: Boxes, others: Boxes) -> NDArray[np.float32]:
    """Return the ratio of intersection to union of a box with each of the others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    ratios: NDArray[np.float32] = shared / np.maximum(union, 1e-9)
    return ratios
