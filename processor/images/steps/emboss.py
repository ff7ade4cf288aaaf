"""Emboss."""

from PIL import Image, ImageChops

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import fill_transparent, luminance, with_alpha_of

FLAT = 128
"""The gray of flat surfaces."""


def emboss(canvas: Canvas, job: Job) -> Canvas:
    """Render a gray relief, lit from the top left; L, or RGBA with alpha.

    Pillow's EMBOSS leaves the outermost pixels unchanged, a visible frame.
    """
    if not job.rendition.emboss:
        return canvas
    depth = max(1, round(job.pixels(1)))

    def press(image: Image.Image) -> Image.Image:
        tones = luminance(fill_transparent(image, depth))
        shifted = tones.copy()
        shifted.paste(tones, (depth, depth))
        return with_alpha_of(image, ImageChops.subtract(tones, shifted, offset=FLAT))

    return canvas.map(press)
