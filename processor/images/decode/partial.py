"""Partly decoded images as browsers show them: what is missing is transparent."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from PIL import Image

from processor.images.canvas import Canvas
from processor.images.steps.standardize import standardize

STRIP = 256
"""Rows that are enlarged at a time, which bounds the memory: a multiple of each block's height."""


class Pass(NamedTuple):
    """The part of an interlaced image that is known after a pass, or a part of one."""

    rows: int
    """Rows of the image from the top."""
    across: int
    down: int
    """Size of the blocks that have one known pixel each, the top left one."""


def loaded(image: Image.Image) -> Image.Image:
    """Return an opened image with the rows that its decoder decodes before it fails."""
    with suppress(OSError):
        image.load()
    image.tile = []  # type: ignore[attr-defined]  # or Pillow would decode it once more
    return image


def with_rows(image: Image.Image, first: int, end: int) -> Image.Image:
    """Return the image as RGBA with only the rows from ``first`` to before ``end``."""
    shown = standardize(Canvas((image,))).image.convert("RGBA")
    for top, bottom in ((0, first), (end, image.height)):
        if top < bottom:
            shown.paste((0, 0, 0, 0), (0, top, image.width, bottom))
    return shown


def with_passes(image: Image.Image, passes: Iterable[Pass]) -> Image.Image:
    """Return an interlaced image as RGBA: pixels that are missing have the color of their block."""
    standard = standardize(Canvas((image,))).image.convert("RGBA")
    shown = Image.new("RGBA", image.size)
    for rows, across, down in passes:
        for top in range(0, rows, STRIP):
            strip = standard.crop((0, top, image.width, min(rows, top + STRIP)))
            # Of each block, the top left pixel; Pillow samples at the middle of pixels.
            known = strip.transform(
                (-(-strip.width // across), -(-strip.height // down)),
                Image.Transform.AFFINE,
                (across, 0, (1 - across) / 2, 0, down, (1 - down) / 2),
            )
            size = known.width * across, known.height * down
            blocks = known.resize(size, Image.Resampling.NEAREST)
            shown.paste(blocks.crop((0, 0, *strip.size)), (0, top))
    return shown
