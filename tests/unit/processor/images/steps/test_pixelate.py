"""Pixelation."""

import pytest
from PIL import Image, ImageStat

from processor.images.steps.pixelate import pixelate
from tests.unit.processor.images.steps.jobs import pixel, run


@pytest.mark.parametrize(
    ("block", "density", "edge"),
    [(2, 1, 2), (7, 1, 7), (16, 1, 16), (8, 2.5, 20), (150, 1, 150), (1024, 4, 4096)],
)
def test_pixelate(flower: Image.Image, block: int, density: float, edge: int) -> None:
    """Squares from the top left get their mean color, also where they are cut off."""
    result = run(pixelate, flower, density, pixelate=block)
    for top in range(0, flower.height, edge):
        for left in range(0, flower.width, edge):
            box = (left, top, min(left + edge, flower.width), min(top + edge, flower.height))
            seen = result.crop(box)
            assert all(low == high for low, high in seen.getextrema())  # type: ignore[misc]
            mean = ImageStat.Stat(flower.crop(box)).mean
            assert list(pixel(seen)) == pytest.approx(mean, abs=1)


def test_transparency_lends_no_color() -> None:
    """A half-transparent square gets half the opacity, in the visible color."""
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    image.paste((0, 0, 200, 255), (0, 0, 4, 8))
    red, green, blue, alpha = pixel(run(pixelate, image, pixelate=8))
    assert (red, green, blue, alpha) == pytest.approx((0, 0, 200, 128), abs=2)


def test_the_mean_of_large_squares(flower: Image.Image) -> None:
    """The mean of a thousand pixels squared is exact."""
    large = flower.resize((1100, 1000))
    result = run(pixelate, large, pixelate=1000)
    mean = ImageStat.Stat(large.crop((0, 0, 1000, 1000))).mean
    assert list(pixel(result)) == pytest.approx(mean, abs=1)
