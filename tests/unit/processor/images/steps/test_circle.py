"""Circular crop."""

import math

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.steps.circle import circle
from tests.unit.processor.images.sample_images import assert_similar, quarters
from tests.unit.processor.images.steps.jobs import (
    job,
    pixel,
    run,
)


@pytest.mark.parametrize("size", [(120, 80), (80, 120), (81, 120), (90, 90), (1, 5)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_circle(size: tuple[int, int], mode: str) -> None:
    """The largest centered circle is kept, in a square of its size."""
    cut = run(circle, Image.new(mode, size, "red"), circle=True)
    edge = min(size)
    assert (cut.size, cut.mode) == ((edge, edge), "RGBA")
    opaque = sum(cut.getchannel("A").tobytes()) / 255
    assert opaque == pytest.approx(math.pi / 4 * edge**2, rel=0.005, abs=1)
    if edge > 1:
        assert [pixel(cut, *at)[3] for at in ((0, 0), (edge - 1, 0), (edge - 1, edge - 1))] == (
            [0, 0, 0]
        )


def test_the_middle_is_kept() -> None:
    """The four colors meet in the center of the circle, as in the image."""
    cut = run(circle, quarters(), circle=True).convert("RGB")
    expected = quarters().crop((20, 0, 100, 80))
    assert_similar(cut.crop((20, 20, 60, 60)), expected.crop((20, 20, 60, 60)), 0)


def test_what_is_transparent_stays_so() -> None:
    """Transparent pixels stay transparent."""
    assert pixel(run(circle, Image.new("RGBA", (9, 9)), circle=True), 4, 4)[3] == 0


def test_does_nothing_unless_asked() -> None:
    """Without the operation, the canvas is returned unchanged."""
    canvas = Canvas((quarters(),))
    assert circle(canvas, job()) is canvas


def test_all_frames_are_cut() -> None:
    """The frames of an animation keep one size."""
    cut = circle(Canvas((quarters(),) * 2, durations=(40, 60)), job(circle=True))
    assert [each.size for each in cut.frames] == [(80, 80)] * 2
