"""Flatten transparent pixels onto a background."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.recipe import Jpeg
from processor.images.steps.to_srgb import color_in_space_of

WHITE = "#ffffff"
"""Background of JPEG, which has no transparency, if the recipe names none."""


def flatten(canvas: Canvas, job: Job) -> Canvas:
    """Replace transparency by the background's color; always for JPEG."""
    color = job.rendition.background
    if isinstance(job.rendition.output, Jpeg):
        color = color or WHITE
    if color is None or canvas.image.mode != "RGBA":
        return canvas
    color = color_in_space_of(canvas, color)

    def on_background(image: Image.Image) -> Image.Image:
        background = Image.new("RGB", image.size, color)
        background.paste(image, mask=image.getchannel("A"))
        return background

    return canvas.map(on_background)
