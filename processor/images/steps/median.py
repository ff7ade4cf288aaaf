"""Median filter."""

from PIL import Image, ImageFilter

from processor.images.canvas import Canvas, Job

WIDEST = 9
"""Widest window, in pixels: the time grows with its area."""


def median(canvas: Canvas, job: Job) -> Canvas:
    """Replace each channel of a pixel by the median of the square around it."""
    width = job.rendition.median
    if width is None:
        return canvas
    window = ImageFilter.MedianFilter(min(WIDEST, nearest_odd(job.pixels(width))))

    def clean(image: Image.Image) -> Image.Image:
        # Premultiplied, so that transparent pixels count as black.
        if image.mode == "RGBA":
            return image.convert("RGBa").filter(window).convert("RGBA")
        return image.filter(window)

    return canvas.map(clean)


def nearest_odd(number: float) -> int:
    """Return the nearest odd number; the higher one of two."""
    return 2 * int(number / 2) + 1
