"""Contrast."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import look_up, table


def contrast(canvas: Canvas, job: Job) -> Canvas:
    """Multiply the distance of all tones from middle gray, as CSS's ``contrast()``; 0 is gray.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-contrast
    """
    factor = job.rendition.contrast
    if factor is None:
        return canvas
    tones = table(lambda tone: (tone - 0.5) * factor + 0.5)
    return canvas.map(lambda image: look_up(image, tones))
