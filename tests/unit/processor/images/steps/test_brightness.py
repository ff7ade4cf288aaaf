"""Brightness."""

import pytest

from processor.images.steps.brightness import brightness
from tests.unit.processor.images.steps.jobs import of_one


@pytest.mark.parametrize(
    ("factor", "tone", "expected"),
    [(0.5, 200, 100), (2, 100, 200), (2, 200, 255), (1.5, 0, 0), (0, 200, 0)],
)
def test_brightness(factor: float, tone: int, expected: int) -> None:
    """All tones are multiplied, as CSS's brightness() does."""
    assert of_one(brightness, (tone,), brightness=factor) == (expected,)
    assert of_one(brightness, (0, tone, 0, 77), brightness=factor) == (0, expected, 0, 77)
