"""Horizontal mirror."""

from PIL import Image

from processor.images.canvas import Canvas
from processor.images.steps.flop import flop
from tests.unit.processor.images.sample_images import quarters
from tests.unit.processor.images.steps.jobs import (
    job,
    pixel,
    run,
)


def test_flop() -> None:
    """Left and right change places, top and bottom do not."""
    mirrored = run(flop, quarters(), flop=True)
    assert mirrored.size == (120, 80)
    seen = [pixel(mirrored, x, y) for x, y in ((0, 0), (119, 0), (0, 79), (119, 79))]
    assert seen == [(0, 255, 0), (255, 0, 0), (255, 255, 0), (0, 0, 255)]


def test_does_nothing_unless_asked() -> None:
    """Without the operation, the canvas is returned unchanged."""
    canvas = Canvas((quarters(),))
    assert flop(canvas, job()) is canvas
    assert flop(canvas, job(flip=True)) is canvas


def test_all_frames_are_mirrored() -> None:
    """Mirroring twice restores every frame."""
    frames = (quarters(), quarters().transpose(Image.Transpose.ROTATE_180))
    once = flop(Canvas(frames, durations=(40, 60)), job(flop=True))
    assert once.frames[0] != frames[0]
    assert flop(once, job(flop=True)).frames == frames
