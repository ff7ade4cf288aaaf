"""Lay a line of text or a picture over the rendition."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import Size, anchor
from processor.images.recipe import Position, Watermark
from processor.images.scale import scale
from processor.images.steps.text_watermark import write


def watermark(canvas: Canvas, job: Job) -> Canvas:
    """Place the mark once, or repeat it over the whole picture."""
    mark = job.rendition.watermark
    if mark is None:
        return canvas
    size = canvas.image.size
    margin = round(min(size) * mark.margin)
    stamp = make_stamp(mark, job.mark, size)
    corner = place(mark.position, size, stamp.size, margin)
    if mark.tiled:
        stamp, corner = tile(stamp, corner, size, margin), (0, 0)
    return canvas.map(lambda image: lay(image, stamp, corner))


def make_stamp(mark: Watermark, picture: Image.Image | None, size: Size) -> Image.Image:
    """The mark as RGBA, as large as it is to appear on a picture of ``size``."""
    if mark.text is not None:
        stamp = write(mark, size)
    else:
        assert picture is not None  # noqa: S101  # fetched before the work began
        width = max(1, round(size[0] * mark.scale))
        stamp = scale(picture, (width, max(1, round(picture.height * width / picture.width))))
    if mark.opacity < 1:
        faint = stamp.getchannel("A").point([round(tone * mark.opacity) for tone in range(256)])
        stamp = stamp.copy()
        stamp.putalpha(faint)
    if mark.rotation % 360:
        premultiplied = stamp.convert("RGBa")
        premultiplied = premultiplied.rotate(-mark.rotation, Image.Resampling.BICUBIC, expand=True)
        stamp = premultiplied.convert("RGBA")
    return stamp


def place(position: Position, outer: Size, inner: Size, margin: int) -> tuple[int, int]:
    """Left and top of a box of size ``inner`` at ``position`` within ``outer``, in pixels."""
    x, y = anchor(position)
    return (
        round((outer[0] - inner[0]) * x + margin * (1 - 2 * x)),
        round((outer[1] - inner[1]) * y + margin * (1 - 2 * y)),
    )


def tile(stamp: Image.Image, corner: tuple[int, int], size: Size, gap: int) -> Image.Image:
    """The stamp, repeated ``gap`` pixels apart over all of ``size``; one of them at ``corner``."""
    across, down = stamp.width + gap, stamp.height + gap
    row = Image.new("RGBA", (size[0], stamp.height))
    for left in range(corner[0] % across - across, size[0], across):
        row.paste(stamp, (left, 0))
    whole = Image.new("RGBA", size)
    for top in range(corner[1] % down - down, size[1], down):
        whole.paste(row, (0, top))
    return whole


def lay(image: Image.Image, stamp: Image.Image, corner: tuple[int, int]) -> Image.Image:
    """A copy of the picture with the stamp over it; what stands over the edge is cut off."""
    left, top = corner
    right, bottom = min(stamp.width, image.width - left), min(stamp.height, image.height - top)
    visible = stamp.crop((max(0, -left), max(0, -top), max(0, right), max(0, bottom)))
    corner = max(0, left), max(0, top)
    if image.mode == "RGBA":
        marked = image.copy()
        marked.alpha_composite(visible, corner)
        return marked
    marked = image.convert("RGB") if image.mode != "RGB" else image.copy()
    marked.paste(visible, corner, visible)
    return marked
