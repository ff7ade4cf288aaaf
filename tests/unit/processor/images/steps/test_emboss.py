"""Emboss."""

import pytest
from PIL import Image, ImageStat

from processor.images.steps.emboss import emboss
from tests.unit.processor.images.steps.jobs import pixel, run


@pytest.mark.parametrize("color", ["black", "#c08040", "white"])
def test_surfaces_are_gray(color: str) -> None:
    """An image of one color becomes uniformly gray, up to its border."""
    flat = run(emboss, Image.new("RGB", (9, 9), color), emboss=True)
    assert flat.getextrema() == (128, 128)


@pytest.mark.parametrize("density", [1, 2])
def test_light_comes_from_the_top_left(density: int) -> None:
    """A raised area is lit at the top left, and throws a shadow as wide as it is deep."""
    image = Image.new("RGB", (60, 60), "#646464")
    image.paste("#8c8c8c", (20, 20, 40, 40))
    relief = run(emboss, image, density, emboss=True)
    tones = [pixel(relief, place, place)[0] for place in range(60)]
    assert tones[20 : 20 + density] == [168] * density
    assert tones[40 : 40 + density] == [88] * density
    assert set(tones[:20] + tones[20 + density : 40] + tones[40 + density :]) == {128}


def test_a_photograph(flower: Image.Image) -> None:
    """Light and shadow of a photograph balance, and its border shows no frame."""
    relief = run(emboss, flower, emboss=True)
    assert ImageStat.Stat(relief).mean == pytest.approx([128], abs=2)
    assert ImageStat.Stat(relief).stddev[0] > 8
    assert relief.crop((0, 0, flower.width, 1)).getextrema() == (128, 128)
