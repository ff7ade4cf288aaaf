"""Median filter."""

import random
import statistics

import pytest
from PIL import Image

from processor.images.steps.median import median, nearest_odd
from tests.unit.processor.images.sample_images import difference
from tests.unit.processor.images.steps.jobs import (
    pixel,
    rows,
    run,
    windows,
)


@pytest.mark.parametrize(
    ("width", "density", "window"), [(3, 1, 3), (5, 1, 5), (3, 1.5, 5), (3, 2, 7), (5, 3, 9)]
)
def test_median(flower: Image.Image, width: int, density: float, window: int) -> None:
    """Each pixel becomes the median of its window, which grows with the density."""
    image = flower.convert("L").crop((60, 60, 100, 100))
    result = rows(run(median, image, density, median=width))
    for x, y, tones in windows(image, window // 2):
        assert result[y][x] == statistics.median(tones)


def test_salt_and_pepper_goes(flower: Image.Image) -> None:
    """White and black specks disappear, and the rest of the photograph is kept."""
    chance = random.Random(1)  # noise, no secret
    noisy = flower.copy()
    for _ in range(flower.width * flower.height // 30):
        place = chance.randrange(flower.width), chance.randrange(flower.height)
        noisy.putpixel(place, chance.choice([(0, 0, 0), (255, 255, 255)]))
    clean = run(median, noisy, median=3)
    assert difference(noisy, flower) > 20
    assert difference(clean, flower) < 10


def test_edges_stay_sharp() -> None:
    """A straight edge stays in place, without tones in between."""
    image = Image.new("RGB", (20, 20), "red")
    image.paste("blue", (9, 0, 20, 20))
    assert run(median, image, median=9) == image


def test_specks_of_transparency_go() -> None:
    """A hole of one pixel is filled with the color around it."""
    image = Image.new("RGBA", (9, 9), (200, 100, 50, 255))
    image.putpixel((4, 4), (0, 0, 0, 0))
    assert pixel(run(median, image, median=3), 4, 4) == (200, 100, 50, 255)


@pytest.mark.parametrize(
    ("number", "odd"), [(3, 3), (3.9, 3), (4, 5), (4.5, 5), (5.9, 5), (6, 7), (9, 9)]
)
def test_nearest_odd(number: float, odd: int) -> None:
    """A window has a center pixel, so its width is odd."""
    assert nearest_odd(number) == odd
