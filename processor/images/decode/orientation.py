"""Orientation of an image, as browsers read it: from EXIF, where the format has it.

Chromium and Firefox ignore an orientation in XMP, in WebP and in text chunks of PNG, and one that
EXIF stores otherwise than as one SHORT.
"""

import struct

from PIL import Image

from processor.images.decode.jpeg import segments
from processor.images.decode.png_chunks import chunks

ORIENTATION, SHORT = 0x0112, 3
"""Tag and type of CIPA DC-008 (Exif 3.0), 4.6.5.1.6."""

APP1 = 0xE1
EXIF = b"Exif\0"
"""Start of an APP1 segment with EXIF; any byte follows (CIPA DC-008, 4.7.2.1: 0)."""

ORDERS = {b"II*\0": "<", b"MM\0*": ">"}

MAX_ENTRIES = 1000
"""Tags of the first directory that are read."""


def read_orientation(format_name: str, data: bytes, handle: Image.Image) -> int:
    """Return the orientation, 1 to 8, that is still to be applied to the decoded pixels."""
    match format_name:
        case "JPEG":
            return of_tiff(_jpeg_exif(data))
        case "PNG":
            return of_tiff(_png_exif(data))
        case "AVIF":
            # Pillow stores the container's rotation and mirroring (irot, imir) as EXIF.
            exif = Image.Exif()
            exif.load(handle.info.get("exif") or b"")
            orientation = exif.get(ORIENTATION, 1)
            return int(orientation) if orientation in range(1, 9) else 1
        case _:
            # The decoders of TIFF and HEIC apply it. The others have none.
            return 1


def of_tiff(exif: bytes) -> int:
    """Return the orientation in EXIF that starts with its TIFF header; 1 without a valid one."""
    order = ORDERS.get(exif[:4])
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for number in range(min(count, MAX_ENTRIES)):
            entry = struct.unpack_from(f"{order}HHIH", exif, start + 2 + 12 * number)
            tag, kind, values, orientation = entry
            if tag == ORIENTATION and kind == SHORT and values == 1 and 1 <= orientation <= 8:
                return int(orientation)
    except struct.error:
        pass
    return 1


def _jpeg_exif(data: bytes) -> bytes:
    """Return the EXIF of the first segment that has it, before the pixels; b"" without one."""
    for marker, place in segments(data):
        if marker == 0xDA:
            break
        if marker == APP1 and data.startswith(EXIF, place + 2):
            length = int.from_bytes(data[place : place + 2])
            return data[place + 2 + len(EXIF) + 1 : place + length]
    return b""


def _png_exif(data: bytes) -> bytes:
    """Return the first valid chunk with EXIF before the pixels; b"" without one.

    Source: PNG (third edition), 11.3.4.5. It allows the chunk after the pixels as well, where
    browsers don't see it.
    """
    for chunk in chunks(data):
        if chunk.kind == b"IDAT":
            break
        if chunk.kind == b"eXIf" and chunk.is_intact(data):
            return chunk.data(data)
    return b""
