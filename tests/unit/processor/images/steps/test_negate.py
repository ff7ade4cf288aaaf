"""Negative."""

import pytest
from PIL import Image

from processor.images.steps.negate import negate
from tests.unit.processor.images.steps.jobs import (
    Pixel,
    of_one,
    run,
)


@pytest.mark.parametrize(
    ("color", "expected"),
    [((0,), (255,)), ((1, 100, 255), (254, 155, 0)), ((1, 100, 255, 77), (254, 155, 0, 77))],
)
def test_negate(color: Pixel, expected: Pixel) -> None:
    """Every tone becomes its complement, and opacity is kept."""
    assert of_one(negate, color, negate=True) == expected


def test_the_negative_of_a_negative_is_the_image(coffee: Image.Image) -> None:
    """Negating twice restores the image."""
    assert run(negate, run(negate, coffee, negate=True), negate=True) == coffee
