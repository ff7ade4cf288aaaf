"""Flattening onto a background."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.recipe import Avif, Gif, Jpeg, Output, Png, WebP
from processor.images.steps.flatten import flatten
from tests.unit.processor.images.sample_images import quarters
from tests.unit.processor.images.steps.jobs import (
    Pixel,
    job,
    pixel,
)


@pytest.mark.parametrize(
    ("alpha", "background", "expected"),
    [
        (0, None, (255, 255, 255)),
        (0, "#00ff00", (0, 255, 0)),
        (255, "#00ff00", (255, 0, 0)),
        (51, "#0000ff", (51, 0, 204)),
    ],
)
def test_jpeg_gets_a_background(alpha: int, background: str | None, expected: Pixel) -> None:
    """JPEG has no transparency: the background shows through, white by default."""
    canvas = Canvas((Image.new("RGBA", (4, 4), (255, 0, 0, alpha)),))
    flat = flatten(canvas, job(background=background, output=Jpeg())).image
    assert flat.mode == "RGB"
    assert pixel(flat) == expected


@pytest.mark.parametrize("output", [Png(), WebP(), Avif(), Gif()])
def test_other_formats_only_where_asked(output: Output) -> None:
    """Other formats keep transparency, unless the recipe has a background."""
    canvas = Canvas((Image.new("RGBA", (4, 4)),))
    assert flatten(canvas, job(output=output)) is canvas
    flat = flatten(canvas, job(background="#123456", output=output)).image
    assert (flat.mode, pixel(flat)) == ("RGB", (0x12, 0x34, 0x56))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_opaque_images_need_none(mode: str) -> None:
    """An opaque image is returned unchanged."""
    canvas = Canvas((quarters(mode=mode),))
    assert flatten(canvas, job(background="#123456", output=Jpeg())) is canvas


def test_all_frames_are_flattened() -> None:
    """Every frame of an animation gets the background."""
    frames = (Image.new("RGBA", (4, 4), "red"), Image.new("RGBA", (4, 4)))
    flat = flatten(Canvas(frames, durations=(1, 2)), job(background="#0000ff"))
    assert [pixel(each) for each in flat.frames] == [(255, 0, 0), (0, 0, 255)]
