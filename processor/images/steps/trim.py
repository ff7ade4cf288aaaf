"""Trim a border of one color."""

from dataclasses import replace
from functools import reduce

from PIL import Image, ImageChops

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import WHOLE, Box, stored_box

Color = int | tuple[int, ...]

STRIP = 256
"""Rows that are compared at a time, which bounds the memory."""

INVERSE = {6: 8, 8: 6}
"""The EXIF orientations that are not their own inverse."""


def trim(canvas: Canvas, job: Job) -> Canvas:
    """Select what the border surrounds; an image of one color is kept whole.

    The border's color is that of most corner pixels. In an image with transparent pixels, only
    these are border.
    """
    asked = job.rendition.trim
    if asked is None:
        return canvas
    box = content_box(canvas.image, asked.tolerance)
    return replace(
        canvas, region=stored_box(box, INVERSE.get(canvas.orientation, canvas.orientation))
    )


def content_box(image: Image.Image, tolerance: int) -> Box:
    """Return the box within the border; the whole image if all of it is border."""
    is_clear = image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 0
    border = None if is_clear else _border(image)
    found = []
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(image.height, top + STRIP)))
        shown = strip.getchannel("A") if border is None else _distance(strip, border, tolerance)
        if box := shown.getbbox():
            found.append((box[0], top + box[1], box[2], top + box[3]))
    if not found:
        return WHOLE
    left, top = min(box[0] for box in found), found[0][1]
    right, bottom = max(box[2] for box in found), found[-1][3]
    width, height = image.size
    return left / width, top / height, right / width, bottom / height


def _border(image: Image.Image) -> Color:
    right, bottom = image.width - 1, image.height - 1
    corners = [image.getpixel(at) for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))]
    return max(corners, key=corners.count)  # type: ignore[return-value]


def _distance(image: Image.Image, border: Color, tolerance: int) -> Image.Image:
    """Return a mask: white where a channel differs from the border by more than ``tolerance``."""
    apart = ImageChops.difference(image, Image.new(image.mode, image.size, border)).split()
    largest = reduce(ImageChops.lighter, apart)
    return largest.point([0] * (tolerance + 1) + [255] * (255 - tolerance))
