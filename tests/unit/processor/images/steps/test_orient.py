"""EXIF orientation."""

import pytest

from processor.images.canvas import Canvas
from processor.images.steps.orient import orient
from tests.unit.processor.images.sample_images import (
    assert_similar,
    quarters,
    stored,
)
from tests.unit.processor.images.steps.jobs import job


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orient(orientation: int) -> None:
    """Every EXIF orientation is applied once."""
    upright = orient(Canvas((stored(quarters(), orientation),), orientation=orientation), job())
    assert upright.orientation == 1
    assert_similar(upright.image, quarters(), 0)


def test_upright_images_are_left_alone() -> None:
    """An upright image is returned unchanged."""
    canvas = Canvas((quarters(),))
    assert orient(canvas, job()) is canvas


def test_all_frames_are_turned() -> None:
    """Animations have one orientation for all frames."""
    frames = (stored(quarters(), 6), stored(quarters(60, 40), 6).resize((80, 120)))
    upright = orient(Canvas(frames, durations=(10, 20), orientation=6), job())
    assert [frame.size for frame in upright.frames] == [(120, 80), (120, 80)]
    assert upright.durations == (10, 20)
