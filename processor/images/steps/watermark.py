"""Lay a line of text over the picture."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from processor.images.canvas import Canvas, Job
from processor.images.recipe import Position

FONT = Path(__file__).parent.parent / "fonts" / "NotoSans-Regular.ttf"
SMALLEST = 8
"""Letters are never smaller than this many pixels: below, they cannot be read."""


def watermark(canvas: Canvas, job: Job) -> Canvas:
    """Draw the text in its colour over a soft dark edge, so that it shows on any background."""
    mark = job.rendition.watermark
    if mark is None:
        return canvas
    image = canvas.image.copy()
    shorter = min(image.size)
    font = load_font(max(SMALLEST, round(shorter * mark.size)))
    edge = max(1, round(font.size / 16))
    left, top, right, bottom = (round(side) for side in font.getbbox(mark.text, stroke_width=edge))
    size = (right - left, bottom - top)
    corner = place(mark.position, image.size, size, round(shorter * mark.margin))

    outline = Image.new("L", size)
    letters = Image.new("L", size)
    opaque = round(255 * mark.opacity)
    ImageDraw.Draw(outline).text(
        (-left, -top), mark.text, fill=opaque // 2, font=font, stroke_width=edge
    )
    ImageDraw.Draw(letters).text((-left, -top), mark.text, fill=opaque, font=font)
    for colour, mask in (("#000000", outline), (mark.colour, letters)):
        image.paste(ImageColor.getcolor(colour, image.mode), corner, mask)
    return replace(canvas, image=image)


def place(
    position: Position, outer: tuple[int, int], inner: tuple[int, int], margin: int
) -> tuple[int, int]:
    """Left and top of a box of size ``inner`` at ``position`` within ``outer``, in pixels."""

    def along(axis: int, near: str, far: str) -> int:
        if near in position:
            return margin
        if far in position:
            return outer[axis] - inner[axis] - margin
        return (outer[axis] - inner[axis]) // 2

    return along(0, "left", "right"), along(1, "top", "bottom")


@lru_cache(maxsize=64)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """The font that ships with the engine, ``size`` pixels high."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
