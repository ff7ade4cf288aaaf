"""The negative of the picture."""

from processor.images.canvas import Canvas, Job
from processor.images.color import look_up, table


def negate(canvas: Canvas, job: Job) -> Canvas:
    """Exchange dark and light, and each color with its opposite."""
    if not job.rendition.negate:
        return canvas
    tones = table(lambda tone: 1 - tone)
    return canvas.map(lambda image: look_up(image, tones))
