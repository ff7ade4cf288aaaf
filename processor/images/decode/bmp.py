"""BMP layouts that Pillow lacks, to refuse them by name.

Source: Microsoft, "Bitmap Header Types" and BITMAPINFOHEADER; OS/2 headers of 16 and 64 bytes.
"""

import struct

CORE, OS2, INFO = 12, (16, 64), (40, 52, 56, 108, 124)
"""Bytes of the headers of each system."""

OS2_COMPRESSIONS = {3: "Huffman coding", 4: "24-bit run lengths"}
COMPRESSIONS = {
    3: "bit fields", 4: "an embedded JPEG", 5: "an embedded PNG", 6: "bit fields with alpha",
    11: "CMYK", 12: "CMYK in run lengths", 13: "CMYK in run lengths",
}  # fmt: skip
EMBEDDED = (4, 5)
BITS = (0, 1, 2, 4, 8, 16, 24, 32, 64)
ROW = 4
"""Rows are padded to a multiple of these bytes."""


def unsupported(data: bytes) -> str | None:
    """Return what a complete BMP stores that cannot be read; None for another file."""
    try:
        pixels, header = struct.unpack_from("<II", data, 10)
        if header == CORE:
            width, height, planes, bits = struct.unpack_from("<HHHH", data, 18)
            compression = 0
        elif header in OS2 or header in INFO:
            width, height, planes, bits = struct.unpack_from("<iiHH", data, 18)
            compression = struct.unpack_from("<I", data, 30)[0] if header != OS2[0] else 0
        else:
            return None
    except struct.error:
        return None
    if width < 1 or height == 0 or planes != 1 or bits not in BITS or pixels >= len(data):
        return None
    row = (width * bits + 31) // 32 * ROW
    if compression in (0, 3, 6) and pixels + row * abs(height) > len(data):
        return None
    named = OS2_COMPRESSIONS if header in OS2 else COMPRESSIONS
    if compression in EMBEDDED and header in INFO:
        return named[compression]
    how = f" in {named[compression]}" if compression in named else ""
    return f"{bits} bits a pixel{how}"
