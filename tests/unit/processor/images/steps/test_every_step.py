"""Properties of all color and filter steps."""

from typing import Any

import pytest
from PIL import Image, ImageChops

from processor.images.canvas import Canvas
from processor.images.recipe import Sharpen, Tint
from processor.images.steps.blur import blur
from processor.images.steps.brightness import brightness
from processor.images.steps.contrast import contrast
from processor.images.steps.edges import edges
from processor.images.steps.emboss import emboss
from processor.images.steps.gamma import gamma
from processor.images.steps.grayscale import grayscale
from processor.images.steps.hue import hue
from processor.images.steps.median import median
from processor.images.steps.negate import negate
from processor.images.steps.normalize import normalize
from processor.images.steps.pixelate import pixelate
from processor.images.steps.saturation import saturation
from processor.images.steps.sepia import sepia
from processor.images.steps.sharpen import sharpen
from processor.images.steps.threshold import threshold
from processor.images.steps.tint import tint
from tests.unit.processor.images.steps.jobs import (
    Step,
    job,
    run,
)

WANTED: list[tuple[Step, Any]] = [
    (normalize, 0.01),
    (gamma, 2.0),
    (brightness, 1.5),
    (contrast, 1.5),
    (saturation, 2.0),
    (hue, 90.0),
    (grayscale, True),
    (sepia, 0.8),
    (tint, Tint("#704214")),
    (negate, True),
    (threshold, 128),
    (median, 3),
    (blur, 3.0),
    (sharpen, Sharpen()),
    (pixelate, 8),
    (emboss, True),
    (edges, True),
]
NEUTRAL: list[tuple[Step, Any]] = [
    (gamma, 1.0),
    (brightness, 1.0),
    (contrast, 1.0),
    (saturation, 1.0),
    (hue, 0.0),
    (hue, 360.0),
    (sepia, 0.0),
    (tint, Tint("#704214", strength=0)),
]
MODES = ["L", "RGB", "RGBA"]
TO_GRAY = ["grayscale", "threshold", "emboss", "edges"]
TO_COLOR = ["sepia", "tint"]
MOVES_ALPHA = ["median", "blur", "pixelate"]

every_step = pytest.mark.parametrize(
    ("step", "value"), WANTED, ids=[step.__name__ for step, _ in WANTED]
)
every_mode = pytest.mark.parametrize("mode", MODES)


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Return the photograph as gray, in color, or fading to transparent from its center."""
    image = image.convert(mode)
    if mode == "RGBA":
        fading = ImageChops.invert(Image.radial_gradient("L")).resize(image.size)
        image.putalpha(fading.point([max(0, tone - 100) for tone in range(256)]))
    return image


@every_step
@every_mode
def test_does_nothing_unless_asked(coffee: Image.Image, step: Step, value: Any, mode: str) -> None:
    """A step returns the canvas unchanged unless the recipe asks for it."""
    canvas = Canvas((in_mode(coffee, mode),))
    assert step(canvas, job()) is canvas
    changed = step(canvas, job(**{step.__name__: value})).image
    if mode != "L" or step not in {saturation, hue, grayscale}:
        assert changed.mode != mode or changed != canvas.image


@pytest.mark.parametrize(("step", "value"), NEUTRAL)
@every_mode
def test_neutral_values_change_nothing(
    coffee: Image.Image, step: Step, value: Any, mode: str
) -> None:
    """The neutral value of an operation gives the same pixels."""
    image = in_mode(coffee, mode)
    assert run(step, image, **{step.__name__: value}) == image


@every_step
@every_mode
def test_modes(coffee: Image.Image, step: Step, value: Any, mode: str) -> None:
    """Alpha is kept, and an image without it becomes L or RGB as the operation requires."""
    expected = mode
    if mode != "RGBA" and step.__name__ in TO_GRAY:
        expected = "L"
    if mode == "L" and step.__name__ in TO_COLOR:
        expected = "RGB"
    assert run(step, in_mode(coffee, mode), **{step.__name__: value}).mode == expected


@every_step
@every_mode
def test_the_given_image_stays_as_it_is(
    coffee: Image.Image, step: Step, value: Any, mode: str
) -> None:
    """A step doesn't change its input, which other renditions share."""
    given, untouched = in_mode(coffee, mode), in_mode(coffee, mode)
    run(step, given, **{step.__name__: value})
    assert given == untouched


@every_step
def test_alpha_is_kept(coffee: Image.Image, step: Step, value: Any) -> None:
    """Only filters that mix or move pixels change their opacity."""
    image = in_mode(coffee, "RGBA")
    alpha = run(step, image, **{step.__name__: value}).getchannel("A")
    assert (alpha != image.getchannel("A")) == (step.__name__ in MOVES_ALPHA)


@every_step
def test_colors_of_transparent_pixels_do_not_matter(
    coffee: Image.Image, step: Step, value: Any
) -> None:
    """The colors of transparent pixels don't affect visible ones."""
    image = in_mode(coffee, "RGBA")
    clear = image.getchannel("A").point([255] + [0] * 255)
    results = []
    for garbage in ("red", "white"):
        other = image.copy()
        other.paste(garbage, mask=clear)
        other.putalpha(image.getchannel("A"))
        results.append(run(step, other, **{step.__name__: value}).convert("RGBa"))
    assert clear.getextrema() == (0, 255)
    assert results[0] == results[1]


@every_step
def test_all_frames_are_treated(coffee: Image.Image, step: Step, value: Any) -> None:
    """Every frame of an animation is processed as it would be alone."""
    frames = (coffee, coffee.transpose(Image.Transpose.ROTATE_180))
    wanted = job(**{step.__name__: value})
    moving = step(Canvas(frames, durations=(40, 60), loop=3), wanted)
    assert moving.frames == tuple(step(Canvas((frame,)), wanted).image for frame in frames)
    assert moving.frames[0] != moving.frames[1]
    assert (moving.durations, moving.loop) == ((40, 60), 3)


@every_step
@every_mode
@pytest.mark.parametrize("size", [(1, 1), (1, 30), (2, 3)])
def test_tiny_images(step: Step, value: Any, mode: str, size: tuple[int, int]) -> None:
    """An image smaller than a filter's window is processed, at any density."""
    image = Image.new(mode, size, "#808080")
    assert run(step, image, density=4, **{step.__name__: value}).size == size
