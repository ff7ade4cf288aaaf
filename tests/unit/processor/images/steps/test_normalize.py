"""Tone normalization."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.steps.normalize import normalize
from tests.unit.processor.images.steps.jobs import (
    job,
    pixel,
    run,
)


def ramp(low: int, high: int) -> Image.Image:
    """Return a gray image with all tones from ``low`` to ``high`` equally often."""
    image = Image.new("L", (high - low + 1, 4))
    image.putdata([tone for _ in range(4) for tone in range(low, high + 1)])
    return image


def with_specks(speck: int) -> Image.Image:
    """Return a ramp from 100 to 149 with one pixel in a hundred of another tone."""
    image = Image.new("L", (100, 10))
    image.putdata([speck if index % 100 == 25 else 100 + index % 50 for index in range(1000)])
    return image


@pytest.mark.parametrize(("low", "high"), [(50, 200), (0, 100), (200, 255)])
def test_the_darkest_tone_becomes_black_and_the_brightest_white(low: int, high: int) -> None:
    """The tones between keep their proportions."""
    stretched = run(normalize, ramp(low, high), normalize=0)
    assert stretched.getextrema() == (0, 255)
    middle = (low + high) // 2
    expected = 255 * (middle - low) / (high - low)
    assert pixel(stretched, middle - low)[0] == pytest.approx(expected, abs=0.51)


@pytest.mark.parametrize(
    ("speck", "clipped", "low", "high"),
    [(0, 0.005, 0, 149), (0, 0.015, 100, 149), (255, 0.005, 100, 255), (255, 0.015, 100, 149)],
)
def test_specks_are_clipped(speck: int, clipped: float, low: int, high: int) -> None:
    """The given fraction of the pixels at each end doesn't count."""
    stretched = run(normalize, with_specks(speck), normalize=clipped)
    for place, tone in ((10, 110), (40, 140)):
        expected = 255 * (tone - low) / (high - low)
        assert pixel(stretched, place)[0] == pytest.approx(expected, abs=0.51)
    assert pixel(stretched, 25)[0] == speck


def test_a_fraction_clips_as_many_pixels() -> None:
    """A quarter at each end leaves the middle half of an even ramp."""
    stretched = run(normalize, ramp(0, 255), normalize=0.25)
    assert [pixel(stretched, x)[0] for x in (0, 64, 191, 255)] == [0, 0, 255, 255]
    assert pixel(stretched, 66)[0] > 0
    assert pixel(stretched, 189)[0] < 255


def test_hues_are_kept() -> None:
    """All channels are stretched by the luminance, and keep their proportions."""
    image = Image.new("RGB", (2, 1), (100, 100, 100))
    image.putpixel((1, 0), (180, 140, 160))
    stretched = run(normalize, image, normalize=0)
    # Luminance 149.96, rounded, against 100.
    expected = [255, 255 * 40 / 50, 255]
    assert pixel(stretched) == (0, 0, 0)
    assert list(pixel(stretched, 1)) == pytest.approx(expected, abs=1)


def test_transparent_pixels_do_not_count() -> None:
    """Transparent black and white pixels don't affect the range."""
    image = ramp(50, 200).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 2, 151, 3))
    image.paste((255, 255, 255, 0), (0, 3, 151, 4))
    stretched = run(normalize, image, normalize=0)
    assert pixel(stretched) == (0, 0, 0, 255)
    assert pixel(stretched, 150) == (255, 255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("color", ["black", "#808080", "white"])
def test_flat_images_stay_as_they_are(mode: str, color: str) -> None:
    """An image of one color, or with nothing but its noise, is unchanged."""
    image = Image.new(mode, (8, 8), color)
    image.paste("#818181" if color == "#808080" else color, (0, 0, 4, 4))
    canvas = Canvas((image,))
    assert normalize(canvas, job(normalize=0)) is canvas


def test_an_image_that_cannot_be_seen_stays_as_it_is() -> None:
    """A fully transparent image is unchanged."""
    image = Image.new("RGBA", (8, 8))
    assert run(normalize, image, normalize=0) == image


def test_an_animation_does_not_flicker() -> None:
    """All frames are stretched by the range of the first."""
    frames = (ramp(50, 200), ramp(75, 225))
    stretched = normalize(Canvas(frames), job(normalize=0)).frames
    assert pixel(stretched[1], 200 - 75) == (255,)
    assert pixel(stretched[1])[0] == pytest.approx(255 * 25 / 150, abs=1)
