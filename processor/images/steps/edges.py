"""Edge detection."""

from PIL import Image, ImageChops, ImageFilter

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import fill_transparent, luminance, with_alpha_of


def edges(canvas: Canvas, job: Job) -> Canvas:
    """Draw edges on black, brighter where they are steeper; L, or RGBA with alpha.

    The value is the range of tones around each pixel (morphological gradient). Pillow's FIND_EDGES
    leaves the outermost pixels unchanged, a visible frame, and draws noise as strongly as outlines.
    """
    if not job.rendition.edges:
        return canvas
    reach = max(1, round(job.pixels(1)))
    brightest, darkest = ImageFilter.MaxFilter(2 * reach + 1), ImageFilter.MinFilter(2 * reach + 1)

    def outline(image: Image.Image) -> Image.Image:
        tones = luminance(fill_transparent(image, reach))
        steepness = ImageChops.difference(tones.filter(brightest), tones.filter(darkest))
        return with_alpha_of(image, steepness)

    return canvas.map(outline)
