"""Gaussian blur."""

import math

import pytest
from PIL import Image, ImageChops, ImageStat

from processor.images.steps.blur import blur
from tests.unit.processor.images.steps.jobs import (
    halves,
    pixel,
    run,
)


@pytest.mark.parametrize(("sigma", "density"), [(1, 1), (4, 1), (4, 2), (20, 1), (10, 3)])
def test_blur(sigma: float, density: float) -> None:
    """An edge becomes the integral of a Gaussian with that standard deviation."""
    image = halves(20, 220, width=400)
    blurred = run(blur, image, density, blur=sigma)
    for x in range(100, 300):
        distance = (x + 0.5 - 200) / (sigma * density * math.sqrt(2))
        expected = 120 + 100 * math.erf(distance)
        assert pixel(blurred, x, 1)[0] == pytest.approx(expected, abs=3)


def test_a_photograph_keeps_its_brightness_and_loses_detail(flower: Image.Image) -> None:
    """Blur keeps the mean brightness, and reduces the difference of neighbors."""
    blurred = run(blur, flower, blur=3)
    before, after = ImageStat.Stat(flower), ImageStat.Stat(blurred)
    assert after.mean == pytest.approx(before.mean, abs=1.5)
    assert max(after.stddev) < min(before.stddev)
    assert detail(blurred) < 0.5 * detail(flower)


def detail(image: Image.Image) -> float:
    """Return the mean difference of neighbors in a row."""
    return ImageStat.Stat(ImageChops.difference(image, ImageChops.offset(image, 1, 0))).mean[0]


def test_transparency_lends_no_color() -> None:
    """At the border of what is visible, transparent pixels add no color."""
    image = Image.new("RGBA", (60, 20), (255, 0, 0, 0))
    image.paste((0, 0, 200, 255), (0, 0, 30, 20))
    blurred = run(blur, image, blur=4)
    assert 100 < pixel(blurred, 30, 10)[3] < 155
    for x in range(35):
        red, _, blue, _ = pixel(blurred, x, 10)
        assert (red, blue) == pytest.approx((0, 200), abs=5)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_the_largest_blur(mode: str) -> None:
    """The widest Gaussian, at the highest density, makes an image uniform."""
    image = halves(0, 250, width=200, height=200).convert(mode)
    tones = run(blur, image, density=4, blur=250).getchannel(0)
    low, high = tones.getextrema()
    assert 100 < low <= high < 150  # type: ignore[operator]
