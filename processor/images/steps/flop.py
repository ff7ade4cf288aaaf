"""Horizontal mirror."""

from PIL.Image import Transpose

from processor.images.canvas import Canvas, Job


def flop(canvas: Canvas, job: Job) -> Canvas:
    """Exchange left and right."""
    if not job.rendition.flop:
        return canvas
    return canvas.map(lambda image: image.transpose(Transpose.FLIP_LEFT_RIGHT))
