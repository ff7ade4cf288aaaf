"""Bounding boxes: rows of left, top, right and bottom, in ratios of the image."""

import numpy as np
from numpy.typing import NDArray

type Boxes = NDArray[np.float32]


def non_max_suppression(boxes: Boxes, scores: NDArray[np.float32], overlap: float) -> list[int]:
    """Return the rows that remain after non-maximum suppression, the best first.

    ``overlap`` is the intersection over union from which on two boxes are of one object.
    """
    kept: list[int] = []
    left = np.argsort(-scores)
    while len(left):
        best, rest = int(left[0]), left[1:]
        kept.append(best)
        left = rest[intersection_over_union(boxes[best], boxes[rest]) < overlap]
    return kept


def intersection_over_union(box: Boxes, others: Boxes) -> NDArray[np.float32]:
    """Return the intersection over union of a box with each of the others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    ratios: NDArray[np.float32] = shared / np.maximum(union, 1e-9)
    return ratios
