"""Sepia."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import blended, mix

BROWN = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


def sepia(canvas: Canvas, job: Job) -> Canvas:
    """Blend with the brown of old photographs, as CSS's ``sepia()``; gray becomes RGB.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-sepia
    """
    amount = job.rendition.sepia
    if not amount:
        return canvas
    rows = blended(BROWN, amount)
    return canvas.map(lambda image: mix(image, rows))
