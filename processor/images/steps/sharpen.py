"""Sharpening with an unsharp mask."""

from PIL import Image, ImageFilter

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import fill_transparent, with_alpha_of


def sharpen(canvas: Canvas, job: Job) -> Canvas:
    """Add ``amount`` times the difference from a copy that is blurred by ``sigma`` pixels."""
    asked = job.rendition.sharpen
    if asked is None:
        return canvas
    sigma = job.pixels(asked.sigma)
    # Pillow's threshold is the largest difference that is kept, ours the smallest that is not.
    mask = ImageFilter.UnsharpMask(sigma, round(asked.amount * 100), max(0, asked.threshold - 1))

    def unsharp(image: Image.Image) -> Image.Image:
        return with_alpha_of(image, fill_transparent(image, sigma).filter(mask))

    return canvas.map(unsharp)
