"""Grayscale."""

import pytest

from processor.images.steps.grayscale import grayscale
from tests.unit.processor.images.steps.jobs import Pixel, of_one


@pytest.mark.parametrize(
    ("color", "gray"),
    [
        ((255, 0, 0), 54),
        ((0, 255, 0), 182),
        ((0, 0, 255), 18),
        ((255, 255, 255), 255),
        ((200, 100, 50), 118),
    ],
)
def test_grayscale(color: Pixel, gray: int) -> None:
    """Colors are weighted as in CSS's grayscale(), and alpha is kept."""
    assert of_one(grayscale, color, grayscale=True) == (gray,)
    assert of_one(grayscale, (*color, 77), grayscale=True) == (gray, gray, gray, 77)


def test_gray_stays() -> None:
    """A gray image is unchanged."""
    assert of_one(grayscale, (90,), grayscale=True) == (90,)
