"""Coloured pictures."""

import colorsys

import pytest
from PIL import Image, ImageChops, ImageStat

from processor.images.color import luminance
from processor.images.recipe import Tint
from processor.images.steps.grayscale import grayscale
from processor.images.steps.tint import tint
from tests.unit.processor.images.steps.jobs import (
    Pixel,
    of_one,
    run,
)

COLOURS = ["#704214", "#ff0000", "#0000ff", "#00ff80", "#fffff0"]


def hue(colour: Pixel) -> float:
    """Where a colour lies on the colour circle, from 0 to 1."""
    return colorsys.rgb_to_hsv(*(channel / 255 for channel in colour[:3]))[0]


@pytest.mark.parametrize("colour", COLOURS)
def test_luminance_is_kept(coffee: Image.Image, colour: str) -> None:
    """A tinted photograph is as bright as it was, everywhere."""
    tinted = run(tint, coffee, tint=Tint(colour))
    change = ImageChops.difference(luminance(tinted), luminance(coffee))
    assert change.getextrema()[1] <= 1  # type: ignore[operator]
    assert ImageStat.Stat(ImageChops.difference(tinted, coffee)).mean != [0, 0, 0]


@pytest.mark.parametrize("colour", COLOURS[:4])
@pytest.mark.parametrize("tone", [60, 128, 200])
def test_all_tones_have_the_hue_of_the_colour(colour: str, tone: int) -> None:
    """Bright and dark tones alike are of the hue that was asked for."""
    red, green, blue = of_one(tint, (tone,), tint=Tint(colour))
    assert max(red, green, blue) - min(red, green, blue) > 40
    distance = abs(hue((red, green, blue)) - hue(tuple(bytes.fromhex(colour[1:]))))
    assert min(distance, 1 - distance) < 0.02


@pytest.mark.parametrize(
    ("tone", "expected"),
    [(0, (0, 0, 0)), (73, (112, 66, 20)), (128, (167, 121, 75)), (255, (255, 255, 255))],
)
def test_tint(tone: int, expected: Pixel) -> None:
    """The colour itself comes out where the picture is as bright; black and white stay."""
    assert of_one(tint, (tone,), tint=Tint("#704214")) == pytest.approx(expected, abs=1)
    assert of_one(tint, (tone, tone, tone, 77), tint=Tint("#704214"))[3] == 77


@pytest.mark.parametrize("colour", ["#000000", "#808080", "#ffffff"])
def test_a_grey_tint_takes_the_colours_away(coffee: Image.Image, colour: str) -> None:
    """A colour without chroma makes a grey picture."""
    grey = run(grayscale, coffee, grayscale=True).convert("RGB")
    change = ImageChops.difference(run(tint, coffee, tint=Tint(colour)), grey)
    assert max(high for _, high in change.getextrema()) <= 1  # type: ignore[misc]


def test_half_a_tint() -> None:
    """At strength 0.5 a colour is half itself and half tinted."""
    colour = (200, 100, 50)
    full = of_one(tint, colour, tint=Tint("#704214"))
    half = of_one(tint, colour, tint=Tint("#704214", strength=0.5))
    expected = [(own + tinted) / 2 for own, tinted in zip(colour, full, strict=True)]
    assert list(half) == pytest.approx(expected, abs=1)
