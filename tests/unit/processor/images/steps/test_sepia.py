"""Sepia."""

import pytest

from processor.images.steps.sepia import sepia
from tests.unit.processor.images.steps.jobs import Pixel, of_one


@pytest.mark.parametrize(
    ("amount", "color", "expected"),
    [
        (1, (255, 255, 255), (255, 255, 239)),
        (1, (255, 0, 0), (100, 89, 69)),
        (1, (0, 255, 0), (196, 175, 136)),
        (1, (0, 0, 255), (48, 43, 33)),
        (0.5, (255, 0, 0), (178, 44, 35)),
        (0.5, (100, 100, 100), (118, 110, 97)),
    ],
)
def test_sepia(amount: float, color: Pixel, expected: Pixel) -> None:
    """Colors change as by CSS's sepia()."""
    result = of_one(sepia, color, sepia=amount)
    assert result == pytest.approx(expected, abs=1)
    assert of_one(sepia, (*color, 77), sepia=amount) == (*result, 77)


def test_gray_images_become_brown() -> None:
    """A gray image becomes RGB."""
    assert of_one(sepia, (100,), sepia=1) == pytest.approx((135, 120, 94), abs=1)
