"""Gaussian blur."""

from PIL import Image, ImageFilter

from processor.images.canvas import Canvas, Job


def blur(canvas: Canvas, job: Job) -> Canvas:
    """Blur with a standard deviation in pixels of the layout.

    Pillow approximates it with three box filters, whose time doesn't depend on the deviation.
    """
    sigma = job.rendition.blur
    if sigma is None:
        return canvas
    gaussian = ImageFilter.GaussianBlur(job.pixels(sigma))

    def soften(image: Image.Image) -> Image.Image:
        # Premultiplied, so that transparent pixels add no color to their neighbors.
        if image.mode == "RGBA":
            return image.convert("RGBa").filter(gaussian).convert("RGBA")
        return image.filter(gaussian)

    return canvas.map(soften)
