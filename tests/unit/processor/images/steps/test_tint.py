"""Tint."""

import colorsys

import pytest
from PIL import Image, ImageChops, ImageStat

from processor.images.recipe import Tint
from processor.images.steps.channels import luminance
from processor.images.steps.grayscale import grayscale
from processor.images.steps.tint import tint
from tests.unit.processor.images.steps.jobs import (
    Pixel,
    of_one,
    run,
)

COLORS = ["#704214", "#ff0000", "#0000ff", "#00ff80", "#fffff0"]


def hue(color: Pixel) -> float:
    """Return the hue of a color, from 0 to 1."""
    return colorsys.rgb_to_hsv(*(channel / 255 for channel in color[:3]))[0]


@pytest.mark.parametrize("color", COLORS)
def test_luminance_is_kept(coffee: Image.Image, color: str) -> None:
    """A tinted photograph keeps the luminance of every pixel."""
    tinted = run(tint, coffee, tint=Tint(color))
    change = ImageChops.difference(luminance(tinted), luminance(coffee))
    assert change.getextrema()[1] <= 1  # type: ignore[operator]
    assert ImageStat.Stat(ImageChops.difference(tinted, coffee)).mean != [0, 0, 0]


@pytest.mark.parametrize("color", COLORS[:4])
@pytest.mark.parametrize("tone", [60, 128, 200])
def test_all_tones_have_the_hue_of_the_color(color: str, tone: int) -> None:
    """Bright and dark tones get the requested hue."""
    red, green, blue = of_one(tint, (tone,), tint=Tint(color))
    assert max(red, green, blue) - min(red, green, blue) > 40
    distance = abs(hue((red, green, blue)) - hue(tuple(bytes.fromhex(color[1:]))))
    assert min(distance, 1 - distance) < 0.02


@pytest.mark.parametrize(
    ("tone", "expected"),
    [(0, (0, 0, 0)), (73, (112, 66, 20)), (128, (167, 121, 75)), (255, (255, 255, 255))],
)
def test_tint(tone: int, expected: Pixel) -> None:
    """A gray of the color's luminance becomes the color; black and white are unchanged."""
    assert of_one(tint, (tone,), tint=Tint("#704214")) == pytest.approx(expected, abs=1)
    assert of_one(tint, (tone, tone, tone, 77), tint=Tint("#704214"))[3] == 77


@pytest.mark.parametrize("color", ["#000000", "#808080", "#ffffff"])
def test_a_gray_tint_takes_the_colors_away(coffee: Image.Image, color: str) -> None:
    """A color without chroma gives a gray image."""
    gray = run(grayscale, coffee, grayscale=True).convert("RGB")
    change = ImageChops.difference(run(tint, coffee, tint=Tint(color)), gray)
    assert max(high for _, high in change.getextrema()) <= 1  # type: ignore[misc]


def test_half_a_tint() -> None:
    """Strength 0.5 is the mean of the original and the tinted color."""
    color = (200, 100, 50)
    full = of_one(tint, color, tint=Tint("#704214"))
    half = of_one(tint, color, tint=Tint("#704214", strength=0.5))
    expected = [(own + tinted) / 2 for own, tinted in zip(color, full, strict=True)]
    assert list(half) == pytest.approx(expected, abs=1)
