"""Crop to an explicit box."""

from dataclasses import replace

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import crop_region


def crop(canvas: Canvas, job: Job) -> Canvas:
    """Select the recipe's box of what ``trim`` has left. Raises ``ImageError`` if it is outside."""
    if job.rendition.crop is None:
        return canvas
    return replace(canvas, region=crop_region(job.original, job.rendition, canvas.region))
