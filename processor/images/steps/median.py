"""Remove specks, and keep edges."""

from PIL import Image, ImageFilter

from processor.images.canvas import Canvas, Job

WIDEST = 9
"""The widest window, in pixels: time grows with its area."""


def median(canvas: Canvas, job: Job) -> Canvas:
    """Replace each pixel, channel by channel, by the median of the square around it."""
    width = job.rendition.median
    if width is None:
        return canvas
    window = ImageFilter.MedianFilter(min(WIDEST, nearest_odd(job.pixels(width))))

    def clean(image: Image.Image) -> Image.Image:
        # Premultiplied, transparent pixels count as black ones that nobody sees.
        if image.mode == "RGBA":
            return image.convert("RGBa").filter(window).convert("RGBA")
        return image.filter(window)

    return canvas.map(clean)


def nearest_odd(number: float) -> int:
    """The odd number that is nearest; the higher of two."""
    return 2 * int(number / 2) + 1
