"""Crop to the rendition's region, and scale to its size."""

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import stored_box
from processor.images.steps.resampling import scale


def resize(canvas: Canvas, job: Job) -> Canvas:
    """Scale the planned region in one pass, whatever has selected it: trim, crop or fit."""
    region = stored_box(job.geometry.region, canvas.orientation)
    size = job.geometry.size if canvas.orientation < 5 else job.geometry.size[::-1]
    wanted = job.rendition.resize
    kernel = wanted.kernel if wanted else "lanczos3"
    return canvas.map(lambda image: scale(image, size, region, kernel))
