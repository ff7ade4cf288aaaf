"""Circular crop, for portraits."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.steps.corners import cut_out, disc


def circle(canvas: Canvas, job: Job) -> Canvas:
    """Crop to the largest centered circle; the corners become transparent."""
    if not job.rendition.circle:
        return canvas
    width, height = canvas.image.size
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    mask = disc((edge, edge))

    def cut(image: Image.Image) -> Image.Image:
        return cut_out(image.crop((left, top, left + edge, top + edge)), mask)

    return canvas.map(cut)
