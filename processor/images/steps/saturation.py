"""Saturation."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import blended, mix

GRAY = ((0.213, 0.715, 0.072),) * 3
"""Matrix of zero saturation; ``feColorMatrix`` rounds the weights of luminance."""


def saturation(canvas: Canvas, job: Job) -> Canvas:
    """Multiply the distance of all colors from gray, as CSS's ``saturate()``; 0 is gray.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-saturate
    """
    factor = job.rendition.saturation
    if factor is None:
        return canvas
    rows = blended(GRAY, 1 - factor)

    def saturate(image: Image.Image) -> Image.Image:
        return image if image.mode == "L" else mix(image, rows)

    return canvas.map(saturate)
