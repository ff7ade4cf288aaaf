"""BMP header: rows that a file has, and layouts that Pillow lacks, to refuse them by name.

Source: Microsoft, "Bitmap Header Types" and BITMAPINFOHEADER; OS/2 headers of 16 and 64 bytes.
"""

import struct
from contextlib import suppress
from typing import NamedTuple

from PIL import Image

CORE, OS2, INFO = 12, (16, 64), (40, 52, 56, 108, 124)
"""Bytes of the headers of each system."""

OS2_COMPRESSIONS = {3: "Huffman coding", 4: "24-bit run lengths"}
COMPRESSIONS = {
    3: "bit fields", 4: "an embedded JPEG", 5: "an embedded PNG", 6: "bit fields with alpha",
    11: "CMYK", 12: "CMYK in run lengths", 13: "CMYK in run lengths",
}  # fmt: skip
EMBEDDED = (4, 5)
BITS = (0, 1, 2, 4, 8, 16, 24, 32, 64)
WITH_ALPHA, MASK = 56, 66
"""Bytes of the smallest header with a mask for alpha, and the mask's offset in the file."""
USED = 46
"""Offset of the number of colors in the palette."""
ROW = 4
"""Rows are padded to a multiple of these bytes."""
IN_ROWS = (0, 3, 6)
"""Compressions with rows of one length."""


class Layout(NamedTuple):
    """Header of a file."""

    header: int
    """Bytes of the header, which name its version."""
    pixels: int
    """Offset of the first row."""
    width: int
    height: int
    """Negative if the top row comes first."""
    planes: int
    bits: int
    compression: int

    @property
    def row(self) -> int:
        """Bytes of a row."""
        return (self.width * self.bits + 31) // 32 * ROW


def layout(data: bytes) -> Layout | None:
    """Return the header; None if it is none, or not whole."""
    try:
        pixels, header = struct.unpack_from("<II", data, 10)
        if header == CORE:
            width, height, planes, bits = struct.unpack_from("<HHHH", data, 18)
            return Layout(header, pixels, width, height, planes, bits, 0)
        if header not in OS2 and header not in INFO:
            return None
        width, height, planes, bits = struct.unpack_from("<iiHH", data, 18)
        compression = struct.unpack_from("<I", data, 30)[0] if header != OS2[0] else 0
        return Layout(header, pixels, width, height, planes, bits, compression)
    except struct.error:
        return None


def stored_rows(data: bytes) -> tuple[int, int]:
    """Return the first of the rows that a file has whole, and the one after the last.

    Raises ``EOFError`` if there is none.
    """
    found = layout(data)
    # The last row may lack the bytes that fill it up.
    needed = (found.width * found.bits + 7) // 8 if found else 0
    if not found or not needed or (present := len(data) - found.pixels) < needed:
        raise EOFError("no row of pixels is complete")
    count = min(abs(found.height), 1 + (present - needed) // found.row)
    return (0, count) if found.height < 0 else (found.height - count, found.height)


def is_complete(data: bytes) -> bool:
    """Whether no row is missing; run lengths are taken as complete."""
    found = layout(data)
    if not found or found.compression not in ((0,) if found.header in OS2 else IN_ROWS):
        return True
    with suppress(EOFError):
        first, end = stored_rows(data)
        return end - first == abs(found.height)
    return False


def readable(data: bytes) -> bytes:
    """Return the file with no more colors in its palette than its pixels can name.

    Pillow refuses more, and browsers don't read them.
    """
    found = layout(data)
    if not found or found.header not in INFO or found.bits not in (1, 4, 8):
        return data
    if int.from_bytes(data[USED : USED + 4], "little") <= 1 << found.bits:
        return data
    return data[:USED] + (1 << found.bits).to_bytes(4, "little") + data[USED + 4 :]


def alpha_mask(data: bytes) -> int:
    """Return the mask of alpha in pixels of 16 bits, which Pillow ignores; 0 without one."""
    found = layout(data)
    if not found or found.bits != 16 or found.compression not in (3, 6):
        return 0
    has_mask = found.header in INFO and found.header >= WITH_ALPHA and len(data) >= MASK + 4
    return int.from_bytes(data[MASK : MASK + 2], "little") if has_mask else 0


def apply_alpha(image: Image.Image, data: bytes) -> Image.Image:
    """Return a decoded image with the alpha that its pixels have in ``alpha_mask``."""
    found, mask = layout(data), alpha_mask(data)
    if not found or not mask:
        return image
    stored = data[found.pixels :][: found.row * image.height].ljust(found.row * image.height, b"\0")
    order = 1 if found.height < 0 else -1
    wide = Image.frombuffer("I;16", image.size, stored, "raw", "I;16", found.row, order)
    lowest = mask & -mask
    levels = [(pixel & mask) // lowest * 255 // (mask // lowest) for pixel in range(1 << 16)]
    alpha = wide.convert("I").point(levels, "L")
    image = image.convert("RGB")
    image.putalpha(alpha)
    return image


def unsupported(data: bytes) -> str | None:
    """Return what a complete BMP stores that cannot be read; None for another file."""
    found = layout(data)
    if not found:
        return None
    header, pixels, width, height, planes, bits, compression = found
    if width < 1 or height == 0 or planes != 1 or bits not in BITS or pixels >= len(data):
        return None
    if compression in IN_ROWS and pixels + found.row * abs(height) > len(data):
        return None
    named = OS2_COMPRESSIONS if header in OS2 else COMPRESSIONS
    if compression in EMBEDDED and header in INFO:
        return named[compression]
    how = f" in {named[compression]}" if compression in named else ""
    return f"{bits} bits a pixel{how}"
