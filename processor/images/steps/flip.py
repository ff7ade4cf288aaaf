"""Mirror top and bottom."""

from PIL.Image import Transpose

from processor.images.canvas import Canvas, Job


def flip(canvas: Canvas, job: Job) -> Canvas:
    """Turn the picture upside down, as in water."""
    if not job.rendition.flip:
        return canvas
    return canvas.map(lambda image: image.transpose(Transpose.FLIP_TOP_BOTTOM))
