"""Pixelation."""

from PIL import Image

from processor.images.canvas import Canvas, Job


def pixelate(canvas: Canvas, job: Job) -> Canvas:
    """Replace squares by their mean, from the top left; those at the far edges may be cut off."""
    asked = job.rendition.pixelate
    if asked is None:
        return canvas
    edge = round(job.pixels(asked))
    width, height = canvas.image.size

    def coarsen(image: Image.Image) -> Image.Image:
        # One axis at a time: for large squares, Pillow's division by the area is up to 5% wrong.
        means = image.reduce((edge, 1)).reduce((1, edge))
        shown = (0, 0, width / edge, height / edge)
        return means.resize((width, height), Image.Resampling.NEAREST, shown)

    return canvas.map(coarsen)
