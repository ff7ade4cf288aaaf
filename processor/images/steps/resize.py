"""Crop to what the rendition shows, and scale to its size."""

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import stored_box
from processor.images.scale import scale


def resize(canvas: Canvas, job: Job) -> Canvas:
    """Scale the part of the picture that the rendition shows, in one go."""
    region = stored_box(job.geometry.region, canvas.orientation)
    size = job.geometry.size if canvas.orientation < 5 else job.geometry.size[::-1]
    wanted = job.rendition.resize
    kernel = wanted.kernel if wanted else "lanczos3"
    return canvas.map(lambda image: scale(image, size, region, kernel))
