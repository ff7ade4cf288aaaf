"""Blur the picture."""

from PIL import Image, ImageFilter

from processor.images.canvas import Canvas, Job


def blur(canvas: Canvas, job: Job) -> Canvas:
    """Blur by a Gaussian, whose standard deviation is given in pixels of the layout.

    Pillow approaches it by three box filters, which take the same time for every deviation.
    """
    sigma = job.rendition.blur
    if sigma is None:
        return canvas
    gaussian = ImageFilter.GaussianBlur(job.pixels(sigma))

    def soften(image: Image.Image) -> Image.Image:
        # Premultiplied, what is transparent lends its neighbors no color.
        if image.mode == "RGBA":
            return image.convert("RGBa").filter(gaussian).convert("RGBA")
        return image.filter(gaussian)

    return canvas.map(soften)
