"""Box around an image that does not fill it: ``fit: contain``."""

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import anchor
from processor.images.steps.pad import surround
from processor.images.steps.to_srgb import color_in_space_of


def contain(canvas: Canvas, job: Job) -> Canvas:
    """Place the image in the box by its gravity, and fill the rest with the background."""
    box, asked = job.geometry.canvas, job.rendition.resize
    if box is None or asked is None:
        return canvas
    x, y = anchor(asked.gravity)
    width, height = canvas.image.size
    corner = round((box[0] - width) * x), round((box[1] - height) * y)
    background = color_in_space_of(canvas, asked.background)
    return canvas.map(lambda image: surround(image, box, corner, background))
