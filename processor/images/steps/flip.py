"""Vertical mirror."""

from PIL.Image import Transpose

from processor.images.canvas import Canvas, Job


def flip(canvas: Canvas, job: Job) -> Canvas:
    """Exchange top and bottom."""
    if not job.rendition.flip:
        return canvas
    return canvas.map(lambda image: image.transpose(Transpose.FLIP_TOP_BOTTOM))
