"""Rounded corners."""

import math

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.recipe import Corners
from processor.images.steps.corners import corners
from tests.unit.processor.images.sample_images import assert_similar, quarters
from tests.unit.processor.images.steps.jobs import (
    job,
    pixel,
    run,
)


@pytest.mark.parametrize(
    ("radius", "density", "edge"),
    [(10, 1, 10), (10, 2, 20), (1, 1, 1), (25, 1.5, 37.5), (40, 1, 40), (500, 1, 40)],
)
def test_corners(radius: float, density: float, edge: float) -> None:
    """Pixels outside a quarter circle become transparent; the radius is at most half a side."""
    alpha = run(corners, quarters(), density, corners=Corners(radius)).getchannel("A")
    opaque = sum(alpha.tobytes()) / 255
    assert opaque == pytest.approx(120 * 80 - (4 - math.pi) * edge**2, rel=0.005, abs=3)
    turns = Image.Transpose
    for turn in (turns.FLIP_LEFT_RIGHT, turns.FLIP_TOP_BOTTOM):
        assert alpha == alpha.transpose(turn)
    for x in range(int(edge)):
        for y in range(int(edge)):
            away = math.hypot(edge - x - 0.5, edge - y - 0.5) - edge
            if abs(away) > 1.5:
                assert pixel(alpha, x, y) == ((0,) if away > 0 else (255,)), (x, y)


def test_edges_are_smooth() -> None:
    """The edge has half-transparent pixels."""
    alpha = run(corners, quarters(), corners=Corners(30)).getchannel("A")
    assert len(set(alpha.tobytes())) > 10


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_colors_stay(mode: str) -> None:
    """The rest keeps its colors."""
    image = run(corners, quarters(mode=mode), corners=Corners(20))
    assert image.mode == "RGBA"
    assert_similar(
        image.crop((20, 0, 100, 80)), quarters(mode=mode).convert("RGBA").crop((20, 0, 100, 80)), 0
    )


def test_what_is_transparent_stays_so() -> None:
    """Transparent pixels don't become visible, nor half-transparent ones opaque."""
    image = Image.new("RGBA", (120, 80), (255, 0, 0, 100))
    cut = run(corners, image, corners=Corners(20))
    assert pixel(cut)[3] == 0
    assert pixel(cut, 60, 40) == (255, 0, 0, 100)
    assert pixel(image)[3] == 100


def test_does_nothing_unless_asked() -> None:
    """Without the operation, or any pixel to cut, the canvas is returned unchanged."""
    canvas = Canvas((quarters(),))
    assert corners(canvas, job()) is canvas
    assert corners(canvas, job(corners=Corners(0.3))) is canvas


def test_all_frames_are_cut() -> None:
    """The frames of an animation have the same corners."""
    cut = corners(Canvas((quarters(),) * 2, durations=(40, 60)), job(corners=Corners(9)))
    assert [pixel(each)[3] for each in cut.frames] == [0, 0]
