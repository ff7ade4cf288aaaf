"""Grayscale."""

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import luminance, with_alpha_of


def grayscale(canvas: Canvas, job: Job) -> Canvas:
    """Keep only the luminance, as CSS's ``grayscale()``; L, or RGBA with alpha.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-grayscale
    """
    if not job.rendition.grayscale:
        return canvas
    return canvas.map(lambda image: with_alpha_of(image, luminance(image)))
