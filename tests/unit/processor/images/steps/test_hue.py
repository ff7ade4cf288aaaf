"""Hue rotation."""

import pytest

from processor.images.steps.hue import hue
from tests.unit.processor.images.steps.jobs import Pixel, of_one


@pytest.mark.parametrize(
    ("angle", "color", "expected"),
    [
        (90, (255, 0, 0), (0, 91, 0)),
        (120, (255, 0, 0), (0, 113, 0)),
        (180, (255, 0, 0), (0, 109, 109)),
        (-180, (255, 0, 0), (0, 109, 109)),
        (90, (0, 0, 255), (255, 0, 37)),
        (-90, (0, 255, 0), (255, 147, 0)),
        (77, (90, 90, 90), (90, 90, 90)),
    ],
)
def test_hue(angle: float, color: Pixel, expected: Pixel) -> None:
    """Hues rotate as by CSS's hue-rotate(), and grays are unchanged."""
    result = of_one(hue, color, hue=angle)
    assert result == pytest.approx(expected, abs=1)
    assert of_one(hue, (*color, 77), hue=angle) == (*result, 77)


def test_gray_images_have_no_colors() -> None:
    """A gray image is unchanged."""
    assert of_one(hue, (90,), hue=90) == (90,)
