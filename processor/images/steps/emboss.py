"""A relief of the picture."""

from PIL import Image, ImageChops

from processor.images.canvas import Canvas, Job
from processor.images.color import (
    cover,
    luminance,
    spread,
)

FLAT = 128
"""The gray of surfaces."""


def emboss(canvas: Canvas, job: Job) -> Canvas:
    """Press the picture in gray metal, with light from the top left; L, or RGBA if it has alpha.

    Not by Pillow's EMBOSS, which leaves the outermost pixels as they were: a visible frame.
    """
    if not job.rendition.emboss:
        return canvas
    depth = max(1, round(job.pixels(1)))

    def press(image: Image.Image) -> Image.Image:
        tones = luminance(spread(image, depth))
        shifted = tones.copy()
        shifted.paste(tones, (depth, depth))
        return cover(ImageChops.subtract(tones, shifted, offset=FLAT), image)

    return canvas.map(press)
