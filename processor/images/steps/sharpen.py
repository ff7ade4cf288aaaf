"""Make edges clearer."""

from PIL import Image, ImageFilter

from processor.images.canvas import Canvas, Job
from processor.images.color import cover, spread


def sharpen(canvas: Canvas, job: Job) -> Canvas:
    """Add ``amount`` times what a copy, blurred by ``sigma`` pixels, lacks (unsharp mask)."""
    asked = job.rendition.sharpen
    if asked is None:
        return canvas
    sigma = job.pixels(asked.sigma)
    # Pillow leaves alone what differs by its threshold; ours is the smallest that is sharpened.
    mask = ImageFilter.UnsharpMask(sigma, round(asked.amount * 100), max(0, asked.threshold - 1))

    def clear(image: Image.Image) -> Image.Image:
        return cover(spread(image, sigma).filter(mask), image)

    return canvas.map(clear)
