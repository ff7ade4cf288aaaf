"""Lay the picture on a background."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.recipe import Jpeg

WHITE = "#ffffff"
"""What JPEG, which has no transparency, gets if the recipe names no background."""


def flatten(canvas: Canvas, job: Job) -> Canvas:
    """Put transparent pixels on the background's color."""
    color = job.rendition.background
    if isinstance(job.output, Jpeg):
        color = color or WHITE
    if color is None or canvas.image.mode != "RGBA":
        return canvas

    def lay(image: Image.Image) -> Image.Image:
        background = Image.new("RGB", image.size, color)
        background.paste(image, mask=image.getchannel("A"))
        return background

    return canvas.map(lay)
