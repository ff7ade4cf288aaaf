"""No colours."""

import pytest

from processor.images.steps.grayscale import grayscale
from tests.unit.processor.images.steps.jobs import Pixel, of_one


@pytest.mark.parametrize(
    ("colour", "grey"),
    [
        ((255, 0, 0), 54),
        ((0, 255, 0), 182),
        ((0, 0, 255), 18),
        ((255, 255, 255), 255),
        ((200, 100, 50), 118),
    ],
)
def test_grayscale(colour: Pixel, grey: int) -> None:
    """Colours weigh as in CSS's grayscale(); a picture with alpha stays one."""
    assert of_one(grayscale, colour, grayscale=True) == (grey,)
    assert of_one(grayscale, (*colour, 77), grayscale=True) == (grey, grey, grey, 77)


def test_grey_stays() -> None:
    """A grey picture is one already."""
    assert of_one(grayscale, (90,), grayscale=True) == (90,)
