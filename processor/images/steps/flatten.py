"""Lay the picture on a background where the output has no transparency."""

from dataclasses import replace

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.recipe import Jpeg


def flatten(canvas: Canvas, job: Job) -> Canvas:
    """Put transparent pixels on the output's background colour."""
    output = job.rendition.output
    if not isinstance(output, Jpeg) or canvas.image.mode != "RGBA":
        return canvas
    background = Image.new("RGB", canvas.image.size, output.background)
    background.paste(canvas.image, mask=canvas.image.getchannel("A"))
    return replace(canvas, image=background)
