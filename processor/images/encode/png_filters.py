"""PNG filters: rows as differences from the pixels to their left or above them.

PNG (third edition), section 9: https://www.w3.org/TR/png-3/#9Filters
"""

from typing import Literal, NamedTuple

from PIL import Image, ImageChops
from zlib_ng import zlib_ng

from processor.images.encode.saving import bare

Filter = Literal["none", "sub", "up", "average", "adaptive"]
TYPES: dict[Filter, int] = {"none": 0, "sub": 1, "up": 2, "average": 3}
"""Filter types of section 9.2. ``adaptive`` is Pillow's choice for each row, type 4 included."""


class Strip(NamedTuple):
    """Rows of an image."""

    image: Image.Image
    """The rows, preceded by the one above them, if any."""
    above: int
    """Number of rows, 0 or 1, that are only there for the filters."""


def filtered(strip: Strip, filter_name: Filter) -> memoryview:
    """Return the rows of ``strip``, each preceded by the byte of its filter type."""
    image = strip.image
    if filter_name == "adaptive":
        rows = _adaptive(image)
        return memoryview(rows)[len(rows) // image.height * strip.above :]
    bits = packed_bits(image) if image.mode == "P" else 8 * len(image.getbands())
    length = (image.width * bits + 7) // 8 + 1
    # Pillow pads each row at its end: one byte too many after the last row, none before the first.
    mode = f"P;{bits}" if image.mode == "P" and bits < 8 else image.mode
    packed = bytearray(1)
    packed += _differences(image, filter_name).tobytes("raw", mode, length)
    packed[::length] = bytes([TYPES[filter_name]]) * (image.height + 1)
    return memoryview(packed)[length * strip.above : -1]


def _differences(image: Image.Image, filter_name: Filter) -> Image.Image:
    match filter_name:
        case "sub":
            expected = _shifted(image, 1, 0)
        case "up":
            expected = _shifted(image, 0, 1)
        case "average":
            expected = ImageChops.add(_shifted(image, 1, 0), _shifted(image, 0, 1), scale=2)
        case _:
            return image
    return ImageChops.subtract_modulo(image, expected)


def _shifted(image: Image.Image, right: int, down: int) -> Image.Image:
    shifted = Image.new(
        image.mode, image.size, 0 if image.mode == "L" else (0,) * len(image.getbands())
    )
    shifted.paste(image, (right, down))
    return shifted


def _adaptive(image: Image.Image) -> bytes:
    """Return rows as Pillow's PNG encoder filters them, from its uncompressed stream."""
    optimize, level, strategy, dictionary = False, 0, -1, b""
    stored = bare(image).tobytes("zip", image.mode, optimize, level, strategy, dictionary)
    # RFC 1950: two bytes, then deflate blocks. The checksum at the end is not needed.
    size = (image.width * len(image.getbands()) + 1) * image.height
    return zlib_ng.decompress(memoryview(stored)[2:], -zlib_ng.MAX_WBITS, size)


def packed_bits(image: Image.Image) -> Literal[1, 2, 4, 8]:
    """Return the bits that each pixel of a palette image needs (section 11.2.1: 1, 2, 4 or 8)."""
    colors = len(image.getpalette() or ()) // 3
    return 1 if colors <= 2 else 2 if colors <= 4 else 4 if colors <= 16 else 8
