"""Saturation."""

import pytest

from processor.images.steps.saturation import saturation
from tests.unit.processor.images.steps.jobs import Pixel, of_one


@pytest.mark.parametrize(
    ("factor", "color", "expected"),
    [
        (0, (255, 0, 0), (54, 54, 54)),
        (0, (0, 255, 0), (182, 182, 182)),
        (0, (0, 0, 255), (18, 18, 18)),
        (0.5, (200, 100, 100), (161, 111, 111)),
        (2, (200, 100, 100), (255, 79, 79)),
        (2, (100, 120, 140), (83, 123, 163)),
        (10, (90, 90, 90), (90, 90, 90)),
    ],
)
def test_saturation(factor: float, color: Pixel, expected: Pixel) -> None:
    """The distance of all colors from gray is multiplied, as CSS's saturate() does."""
    result = of_one(saturation, color, saturation=factor)
    assert result == pytest.approx(expected, abs=1)
    assert of_one(saturation, (*color, 77), saturation=factor) == (*result, 77)


def test_gray_images_have_no_colors() -> None:
    """A gray image is unchanged."""
    assert of_one(saturation, (90,), saturation=2) == (90,)
