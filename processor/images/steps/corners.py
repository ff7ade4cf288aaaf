"""Round corners."""

from PIL import Image, ImageChops, ImageDraw

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import Size

FINER = 4
"""Masks are drawn so many times larger, to get smooth edges; large ones less so."""
FINEST = 8192
"""Widest mask that is drawn, in pixels."""


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
    """A mask: an opaque ellipse with a smooth edge, as large as ``size`` allows."""
    times = max(1, min(FINER, FINEST // max(size)))
    finer = Image.new("L", (size[0] * times, size[1] * times))
    ImageDraw.Draw(finer).ellipse((0, 0, finer.width - 1, finer.height - 1), fill=255)
    return finer.resize(size, Image.Resampling.BOX)


def cut_out(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Make the picture transparent where the mask is; what was so already stays so."""
    cut = image.convert("RGBA")
    cut.putalpha(ImageChops.multiply(cut.getchannel("A"), mask) if image.mode == "RGBA" else mask)
    return cut
