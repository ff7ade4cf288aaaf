"""The filters of PNG: rows as differences from what is left of them or above them.

PNG (third edition), section 9: https://www.w3.org/TR/png-3/#9Filters
"""

from typing import Literal, NamedTuple

from PIL import Image, ImageChops
from zlib_ng import zlib_ng

from processor.images.encode.saving import bare

Filter = Literal["none", "sub", "up", "average", "adaptive"]
TYPES: dict[Filter, int] = {"none": 0, "sub": 1, "up": 2, "average": 3}
"""Filter types of section 9.2. ``adaptive`` is Pillow's choice for each row, also of type 4."""


class Strip(NamedTuple):
    """Rows of a picture."""

    image: Image.Image
    """The rows, and the one above them if there is one."""
    above: int
    """How many of the rows are only there for the filters."""


def filtered(strip: Strip, filter_name: Filter) -> memoryview:
    """The rows of ``strip``, each after the byte that tells its filter."""
    image = strip.image
    if filter_name == "adaptive":
        rows = _adaptive(image)
        return memoryview(rows)[len(rows) // image.height * strip.above :]
    bits = packed_bits(image) if image.mode == "P" else 8 * len(image.getbands())
    length = (image.width * bits + 7) // 8 + 1
    # Pillow leaves room after each row: after the last one too many, before the first one too few.
    mode = f"P;{bits}" if image.mode == "P" and bits < 8 else image.mode
    packed = bytearray(1)
    packed += _differences(image, filter_name).tobytes("raw", mode, length)
    packed[::length] = bytes([TYPES[filter_name]]) * (image.height + 1)
    return memoryview(packed)[length * strip.above : -1]


def _differences(image: Image.Image, filter_name: Filter) -> Image.Image:
    match filter_name:
        case "sub":
            expected = _moved(image, 1, 0)
        case "up":
            expected = _moved(image, 0, 1)
        case "average":
            expected = ImageChops.add(_moved(image, 1, 0), _moved(image, 0, 1), scale=2)
        case _:
            return image
    return ImageChops.subtract_modulo(image, expected)


def _moved(image: Image.Image, right: int, down: int) -> Image.Image:
    moved = Image.new(
        image.mode, image.size, 0 if image.mode == "L" else (0,) * len(image.getbands())
    )
    moved.paste(image, (right, down))
    return moved


def _adaptive(image: Image.Image) -> bytes:
    """Rows as Pillow's PNG encoder filters them, taken out of the stream that it stores them in."""
    optimize, level, strategy, dictionary = False, 0, -1, b""
    stored = bare(image).tobytes("zip", image.mode, optimize, level, strategy, dictionary)
    # RFC 1950: two bytes, then deflate blocks. The check sum at the end is not needed.
    size = (image.width * len(image.getbands()) + 1) * image.height
    return zlib_ng.decompress(memoryview(stored)[2:], -zlib_ng.MAX_WBITS, size)


def packed_bits(image: Image.Image) -> Literal[1, 2, 4, 8]:
    """Bits that each pixel of a palette picture needs (section 11.2.1: 1, 2, 4 or 8)."""
    colors = len(image.getpalette() or ()) // 3
    return 1 if colors <= 2 else 2 if colors <= 4 else 4 if colors <= 16 else 8
