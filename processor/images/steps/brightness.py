"""Brightness."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import look_up, table


def brightness(canvas: Canvas, job: Job) -> Canvas:
    """Multiply all tones, as CSS's ``brightness()``; 0 is black.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-brightness
    """
    factor = job.rendition.brightness
    if factor is None:
        return canvas
    tones = table(lambda tone: tone * factor)
    return canvas.map(lambda image: look_up(image, tones))
