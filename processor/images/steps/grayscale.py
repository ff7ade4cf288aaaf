"""Leave the colors out."""

from processor.images.canvas import Canvas, Job
from processor.images.color import cover, luminance


def grayscale(canvas: Canvas, job: Job) -> Canvas:
    """Keep nothing but luminance, as CSS's ``grayscale()``: L, or RGBA if there is alpha.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-grayscale
    """
    if not job.rendition.grayscale:
        return canvas
    return canvas.map(lambda image: cover(luminance(image), image))
