"""Sharpening."""

import math

import pytest
from PIL import Image, ImageChops, ImageStat

from processor.images.recipe import Sharpen
from processor.images.steps.sharpen import sharpen
from tests.unit.processor.images.steps.jobs import (
    halves,
    pixel,
    run,
)


@pytest.mark.parametrize(
    ("sigma", "amount", "density"), [(1, 1, 1), (3, 0.5, 1), (3, 1.5, 1), (2, 1, 3)]
)
def test_sharpen(sigma: float, amount: float, density: float) -> None:
    """An edge overshoots by ``amount`` times the difference from its Gaussian blur."""
    image = halves(100, 150)
    sharp = run(sharpen, image, density, sharpen=Sharpen(sigma, amount, threshold=0))
    for x in range(20, 80):
        blurred = 125 + 25 * math.erf((x + 0.5 - 50) / (sigma * density * math.sqrt(2)))
        own = 100 if x < 50 else 150
        expected = own + amount * (own - blurred)
        assert pixel(sharp, x, 1)[0] == pytest.approx(expected, abs=2)


def test_a_photograph_gains_detail_and_keeps_its_brightness(flower: Image.Image) -> None:
    """Neighbors differ more, and the mean brightness is kept."""
    sharp = run(sharpen, flower, sharpen=Sharpen())
    assert detail(sharp) > 1.3 * detail(flower)
    assert ImageStat.Stat(sharp).mean == pytest.approx(ImageStat.Stat(flower).mean, abs=2)


def detail(image: Image.Image) -> float:
    """Return the mean difference of neighbors in a row."""
    return ImageStat.Stat(ImageChops.difference(image, ImageChops.offset(image, 1, 0))).mean[0]


@pytest.mark.parametrize(("threshold", "expected"), [(0, 104), (2, 104), (3, 102)])
def test_noise_is_left_alone(threshold: int, expected: int) -> None:
    """The threshold is the smallest difference that is sharpened."""
    image = Image.new("L", (99, 99), 100)
    image.putpixel((50, 50), 102)
    sharp = run(sharpen, image, sharpen=Sharpen(5, 1, threshold))
    assert pixel(sharp, 50, 50) == (expected,)


def test_the_border_of_what_is_visible_gets_no_seam() -> None:
    """A shape of one color keeps it up to its border, but for rounding times the amount."""
    image = Image.new("RGBA", (60, 20), (255, 255, 255, 0))
    image.paste((100, 50, 200, 255), (0, 0, 30, 20))
    sharp = run(sharpen, image, sharpen=Sharpen(3, 5, 0))
    for x in range(30):
        assert pixel(sharp, x, 10) == pytest.approx((100, 50, 200, 255), abs=5)
