"""Hide what a picture shows in large squares."""

from PIL import Image

from processor.images.canvas import Canvas, Job


def pixelate(canvas: Canvas, job: Job) -> Canvas:
    """Replace squares, counted from the top left, by their mean; the last ones may be cut off."""
    asked = job.rendition.pixelate
    if asked is None:
        return canvas
    edge = round(job.pixels(asked))
    width, height = canvas.image.size

    def coarsen(image: Image.Image) -> Image.Image:
        # One axis at a time: Pillow divides by the area of large squares up to 5 % wrong.
        means = image.reduce((edge, 1)).reduce((1, edge))
        shown = (0, 0, width / edge, height / edge)
        return means.resize((width, height), Image.Resampling.NEAREST, shown)

    return canvas.map(coarsen)
