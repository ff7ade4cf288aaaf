"""Threshold."""

import pytest

from processor.images.steps.threshold import threshold
from tests.unit.processor.images.steps.jobs import Pixel, of_one


@pytest.mark.parametrize(
    ("least", "color", "expected"),
    [
        (128, (127,), 0),
        (128, (128,), 255),
        (0, (0,), 255),
        (255, (254,), 0),
        (255, (255,), 255),
        (128, (255, 0, 0), 0),
        (128, (0, 255, 0), 255),
        (50, (255, 0, 0), 255),
    ],
)
def test_threshold(least: int, color: Pixel, expected: int) -> None:
    """Pixels whose luminance reaches the threshold become white, others black; alpha is kept."""
    assert of_one(threshold, color, threshold=least) == (expected,)
    if len(color) == 3:
        result = of_one(threshold, (*color, 77), threshold=least)
        assert result == (expected, expected, expected, 77)
