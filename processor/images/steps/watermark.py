"""Watermark: text or an image, placed once or tiled."""

from typing import TYPE_CHECKING

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import Size, anchor, bounds, whole_pixels
from processor.images.recipe import Position, Watermark
from processor.images.steps.resampling import scale
from processor.images.steps.to_srgb import in_space_of

if TYPE_CHECKING:
    from processor.images.text.fonts import Font


def watermark(canvas: Canvas, job: Job) -> Canvas:
    """Place the watermark once, or tile the whole image with it."""
    asked = job.rendition.watermark
    if asked is None:
        return canvas
    size = canvas.image.size
    margin = round(min(size) * asked.margin)
    room = size if asked.tiled else (max(1, size[0] - 2 * margin), max(1, size[1] - 2 * margin))
    stamp = make_stamp(asked, job.watermark_image, size, room, job.watermark_font)
    stamp = in_space_of(canvas, stamp)
    corner = place(asked.position, size, stamp.size, margin)
    if asked.tiled:
        stamp, corner = tile(stamp, corner, size, margin), (0, 0)
    return canvas.map(lambda image: overlay(image, stamp, corner))


def make_stamp(
    watermark: Watermark,
    watermark_image: Image.Image | None,
    size: Size,
    room: Size,
    font: "Font | None" = None,
) -> Image.Image:
    """Return the watermark as RGBA, at its size on an image of ``size``.

    A watermark image is shrunk if it would not fit into ``room``.
    """
    if watermark.text is not None:
        # Imported for the first text: most functions never draw one.
        from processor.images.steps.text_watermark import draw_text  # noqa: PLC0415

        stamp = draw_text(watermark, size, font)
    else:
        assert watermark_image is not None  # noqa: S101  # loaded when the job was planned
        width = size[0] * watermark.scale
        height = watermark_image.height * width / watermark_image.width
        # Pillow enlarges a rotated image to whole pixels, by up to two.
        edge = 2 if watermark.rotation % 90 else 0
        across, down = bounds(width, height, watermark.rotation)
        shrink = min(1.0, max(1, room[0] - edge) / across, max(1, room[1] - edge) / down)
        stamp = scale(watermark_image, whole_pixels(width * shrink, height * shrink))
    if watermark.opacity < 1:
        opacities = [round(tone * watermark.opacity) for tone in range(256)]
        faint = stamp.getchannel("A").point(opacities)
        stamp = stamp.copy()
        stamp.putalpha(faint)
    if watermark.rotation % 360:
        premultiplied = stamp.convert("RGBa")
        premultiplied = premultiplied.rotate(
            -watermark.rotation, Image.Resampling.BICUBIC, expand=True
        )
        stamp = premultiplied.convert("RGBA")
    return stamp


def place(position: Position, outer: Size, inner: Size, margin: int) -> tuple[int, int]:
    """Return left and top, in pixels, of a box of size ``inner`` at ``position`` in ``outer``."""
    x, y = anchor(position)
    return (
        round((outer[0] - inner[0]) * x + margin * (1 - 2 * x)),
        round((outer[1] - inner[1]) * y + margin * (1 - 2 * y)),
    )


def tile(stamp: Image.Image, corner: tuple[int, int], size: Size, gap: int) -> Image.Image:
    """Return the stamp repeated ``gap`` pixels apart over ``size``, one of them at ``corner``."""
    across, down = stamp.width + gap, stamp.height + gap
    row = Image.new("RGBA", (size[0], stamp.height))
    for left in range(corner[0] % across - across, size[0], across):
        row.paste(stamp, (left, 0))
    whole = Image.new("RGBA", size)
    for top in range(corner[1] % down - down, size[1], down):
        whole.paste(row, (0, top))
    return whole


def overlay(image: Image.Image, stamp: Image.Image, corner: tuple[int, int]) -> Image.Image:
    """Return the image with the stamp over it, cut off at the image's edges."""
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
