"""Mirror left and right."""

from PIL.Image import Transpose

from processor.images.canvas import Canvas, Job


def flop(canvas: Canvas, job: Job) -> Canvas:
    """Show the picture as in a mirror."""
    if not job.rendition.flop:
        return canvas
    return canvas.map(lambda image: image.transpose(Transpose.FLIP_LEFT_RIGHT))
