"""Padding."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.recipe import Pad
from processor.images.steps.pad import pad
from tests.unit.processor.images.sample_images import assert_similar, quarters
from tests.unit.processor.images.steps.jobs import (
    job,
    pixel,
    run,
)


@pytest.mark.parametrize("density", [1, 1.5, 2, 4])
def test_pad(density: float) -> None:
    """Each side gets its own margin, in pixels of the layout, outside the image."""
    margin = Pad(top=10, right=20, bottom=30, left=40, color="#123456")
    image = run(pad, quarters(), density, pad=margin)
    top, right, bottom, left = (round(density * side) for side in (10, 20, 30, 40))
    expected = Image.new("RGB", (120 + left + right, 80 + top + bottom), "#123456")
    expected.paste(quarters(), (left, top))
    assert_similar(image, expected, 0)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize(
    ("color", "corner"),
    [("#ffffff", (255, 255, 255, 255)), ("#ff000080", (255, 0, 0, 128)), ("#00000000", (0,) * 4)],
)
def test_colors(mode: str, color: str, corner: tuple[int, ...]) -> None:
    """A transparent margin gives the image an alpha channel."""
    image = run(pad, quarters(mode=mode), pad=Pad(top=1, color=color))
    assert image.mode == ("RGB" if mode != "RGBA" and corner[3] == 255 else "RGBA")
    assert pixel(image) == corner[: len(image.getbands())]


def test_transparent_parts_stay_transparent() -> None:
    """The margin's color is that of the margin alone."""
    image = run(pad, Image.new("RGBA", (4, 4)), pad=Pad(left=2, color="#123456"))
    assert image.getcolors() == [(8, (0x12, 0x34, 0x56, 255)), (16, (0, 0, 0, 0))]


def test_does_nothing_unless_asked() -> None:
    """Without the operation, the canvas is returned unchanged."""
    canvas = Canvas((quarters(),))
    assert pad(canvas, job()) is canvas
    assert_similar(run(pad, quarters(), pad=Pad()), quarters(), 0)


def test_all_frames_get_the_margin() -> None:
    """The frames of an animation keep one size."""
    frames = (quarters(), Image.new("RGB", (120, 80)))
    padded = pad(Canvas(frames, durations=(40, 60)), job(pad=Pad(left=5)))
    assert [each.size for each in padded.frames] == [(125, 80)] * 2
    assert pixel(padded.frames[1], 5, 0) == (0, 0, 0)
