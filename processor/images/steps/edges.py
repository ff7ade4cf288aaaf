"""The outlines of what the picture shows."""

from PIL import Image, ImageChops, ImageFilter

from processor.images.canvas import Canvas, Job
from processor.images.color import (
    cover,
    luminance,
    spread,
)


def edges(canvas: Canvas, job: Job) -> Canvas:
    """Draw edges, the brighter the steeper, on black; L, or RGBA if there is alpha.

    The range of tones around each pixel (morphological gradient). Pillow's FIND_EDGES leaves the
    outermost pixels as they were, a visible frame, and draws noise as strongly as outlines.
    """
    if not job.rendition.edges:
        return canvas
    reach = max(1, round(job.pixels(1)))
    brightest, darkest = ImageFilter.MaxFilter(2 * reach + 1), ImageFilter.MinFilter(2 * reach + 1)

    def outline(image: Image.Image) -> Image.Image:
        tones = luminance(spread(image, reach))
        steepness = ImageChops.difference(tones.filter(brightest), tones.filter(darkest))
        return cover(steepness, image)

    return canvas.map(outline)
