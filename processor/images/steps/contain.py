"""Box around an image that does not fill it: ``fit: contain``."""

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import anchor
from processor.images.steps.pad import surround


def contain(canvas: Canvas, job: Job) -> Canvas:
    """Place the image in the box by its gravity, and fill the rest with the background."""
    box, asked = job.geometry.canvas, job.rendition.resize
    if box is None or asked is None:
        return canvas
    x, y = anchor(asked.gravity)
    width, height = canvas.image.size
    corner = round((box[0] - width) * x), round((box[1] - height) * y)
    return canvas.map(lambda image: surround(image, box, corner, asked.background))
