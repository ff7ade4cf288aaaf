"""Negative."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import look_up, table


def negate(canvas: Canvas, job: Job) -> Canvas:
    """Replace light by dark, and each color by its complement."""
    if not job.rendition.negate:
        return canvas
    tones = table(lambda tone: 1 - tone)
    return canvas.map(lambda image: look_up(image, tones))
