"""Find the border of one color around a picture."""

from functools import reduce

from PIL import Image, ImageChops

from processor.images.canvas import Canvas
from processor.images.plan.geometry import (
    WHOLE,
    Box,
    stored_box,
)
from processor.images.recipe import Trim

Color = int | tuple[int, ...]

STRIP = 256
"""Rows that are looked at together, so that a large picture is not there several times."""

INVERSE = {6: 8, 8: 6}
"""The EXIF orientations that are not their own inverse."""


def trim(canvas: Canvas, asked: Trim | None) -> Box:
    """What is left of the upright picture without its border; all of it if it is one color.

    The border's color is the one that most of the corner pixels have. Of a picture with
    transparent parts, only these are border.
    """
    if asked is None:
        return WHOLE
    image = canvas.image
    is_clear = image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 0
    border = None if is_clear else _border(image)
    found = []
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(image.height, top + STRIP)))
        shown = strip.getchannel("A") if border is None else _distance(strip, border, asked)
        if box := shown.getbbox():
            found.append((box[0], top + box[1], box[2], top + box[3]))
    if not found:
        return WHOLE
    left, top = min(box[0] for box in found), found[0][1]
    right, bottom = max(box[2] for box in found), found[-1][3]
    width, height = image.size
    stored = (left / width, top / height, right / width, bottom / height)
    return stored_box(stored, INVERSE.get(canvas.orientation, canvas.orientation))


def _border(image: Image.Image) -> Color:
    """The color that most of the corner pixels have."""
    right, bottom = image.width - 1, image.height - 1
    corners = [image.getpixel(at) for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))]
    return max(corners, key=corners.count)  # type: ignore[return-value]


def _distance(image: Image.Image, border: Color, asked: Trim) -> Image.Image:
    """White where any channel is further from the border's color than is tolerated."""
    apart = ImageChops.difference(image, Image.new(image.mode, image.size, border)).split()
    largest = reduce(ImageChops.lighter, apart)
    return largest.point([0] * (asked.tolerance + 1) + [255] * (255 - asked.tolerance))
