"""Rounded corners."""

from PIL import Image, ImageChops

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import Size

OVERSAMPLING = 4
"""Factor by which masks are drawn larger, for smooth edges."""
MAX_MASK_SIDE = 8192
"""Pixels; larger masks are oversampled less."""


def corners(canvas: Canvas, job: Job) -> Canvas:
    """Make the corners transparent outside a quarter of a circle."""
    asked = job.rendition.corners
    if asked is None:
        return canvas
    width, height = canvas.image.size
    radius = min(job.pixels(asked.radius), width / 2, height / 2)
    mask = Image.new("L", (width, height), 255)
    edge = round(radius)
    if edge < 1:
        return canvas
    quarter = disc((2 * edge, 2 * edge)).crop((0, 0, edge, edge))
    for turn, corner in (
        (None, (0, 0)),
        (Image.Transpose.FLIP_LEFT_RIGHT, (width - edge, 0)),
        (Image.Transpose.FLIP_TOP_BOTTOM, (0, height - edge)),
        (Image.Transpose.ROTATE_180, (width - edge, height - edge)),
    ):
        mask.paste(quarter.transpose(turn) if turn is not None else quarter, corner)
    return canvas.map(lambda image: cut_out(image, mask))


def disc(size: Size) -> Image.Image:
    """Return a mask: an opaque ellipse with a smooth edge that fills ``size``."""
    # Imported for the first mask: it takes as long as all steps together.
    from PIL import ImageDraw  # noqa: PLC0415

    times = max(1, min(OVERSAMPLING, MAX_MASK_SIDE // max(size)))
    large = Image.new("L", (size[0] * times, size[1] * times))
    ImageDraw.Draw(large).ellipse((0, 0, large.width - 1, large.height - 1), fill=255)
    return large.resize(size, Image.Resampling.BOX)


def cut_out(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the image with its alpha multiplied by the mask."""
    cut = image.convert("RGBA")
    cut.putalpha(ImageChops.multiply(cut.getchannel("A"), mask) if image.mode == "RGBA" else mask)
    return cut
