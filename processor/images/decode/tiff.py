"""TIFF layouts that Pillow lacks: negatives of more than 8 bits, and those to refuse by name.

Source: TIFF 6.0 (Adobe, 1992), sections 2, 8, 18 and 19.
"""

import io
import struct

from PIL import TiffImagePlugin

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIPS, SAMPLES, STRIP_BYTES, PLANAR = 273, 277, 279, 284
TILES, TILE_BYTES, FORMAT, SUBSAMPLING = 324, 325, 339, 530

WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1
YCBCR = 6
UNCOMPRESSED = 1
SEPARATE = 2
"""Planar configuration: a plane for each channel."""

COLORS = {
    0: "gray", 1: "gray", 2: "RGB", 3: "palette", 4: "mask", 5: "CMYK", 6: "YCbCr",
    8: "CIE L*a*b*", 9: "ICC L*a*b*", 10: "ITU L*a*b*", 32803: "color filter array",
    32844: "LogL", 32845: "LogLuv", 34892: "linear raw",
}  # fmt: skip
KINDS = {2: "signed ", 3: "floating-point ", 5: "complex ", 6: "complex "}

Tags = dict[int, tuple[int, ...]]


def as_positive(data: bytes) -> bytes | None:
    """Return a negative as a positive, whose decoded pixels are still to be inverted.

    None for all other files, and for those of one channel of up to 8 bits, which Pillow inverts.
    """
    entry = _photometric(data)
    if entry is None:
        return None
    order, at = entry
    if struct.unpack_from(order + "H", data, at)[0] != WHITE_IS_ZERO:
        return None
    tags = read_tags(data)
    if max(tags.get(BITS, (1,))) <= 8 and tags.get(SAMPLES, (1,)) == (1,):
        return None
    return data[:at] + struct.pack(order + "H", BLACK_IS_ZERO) + data[at + 2 :]


def unsupported(data: bytes) -> str | None:
    """Return what a complete TIFF stores that cannot be read; None for another file."""
    tags = read_tags(data)
    if not _is_complete(tags, len(data)):
        return None
    bits, samples = tags.get(BITS, (1,)), tags.get(SAMPLES, (1,))[0]
    photometric, compression = tags.get(PHOTOMETRIC, (0,))[0], tags.get(COMPRESSION, (1,))[0]
    color = COLORS.get(photometric, f"color space {photometric}")
    kind = KINDS.get(tags.get(FORMAT, (1,))[0], "")
    planes = " in separate planes" if tags.get(PLANAR) == (SEPARATE,) else ""
    method = f", compression {compression}" if compression != UNCOMPRESSED else ""
    return f"{color}, {samples} channels of {kind}{max(bits)} bits{planes}{method}"


def misread(data: bytes) -> str | None:
    """Return what a TIFF stores that Pillow would read wrongly, without an error.

    Raises ``ValueError`` for such a file without all its pixels.
    """
    tags = read_tags(data)
    if tags.get(COMPRESSION, (UNCOMPRESSED,)) != (UNCOMPRESSED,):
        return None
    is_deep = tags.get(PLANAR) == (SEPARATE,) and max(tags.get(BITS, (1,))) > 8
    is_sampled = tags.get(PHOTOMETRIC) == (YCBCR,) and tags.get(SUBSAMPLING, (2, 2)) != (1, 1)
    if not (is_deep or is_sampled):
        return None
    if stored := unsupported(data):
        return stored
    raise ValueError("pixels are missing")


def read_tags(data: bytes) -> Tags:
    """Return the tags of the first directory that are whole numbers, as far as it can be read."""
    found: Tags = {}
    try:
        directory = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
        file = io.BytesIO(data)
        file.seek(directory.next)
        directory.load(file)
        for tag in (WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, STRIPS, SAMPLES, STRIP_BYTES,
                    PLANAR, TILES, TILE_BYTES, FORMAT, SUBSAMPLING):  # fmt: skip
            value = directory.get(tag)
            values = value if isinstance(value, tuple) else (value,)
            if values and all(isinstance(each, int) for each in values):
                found[tag] = values
    except Exception:  # noqa: BLE001 - Pillow raises all kinds of errors over broken tags
        return found
    return found


def _is_complete(tags: Tags, size: int) -> bool:
    """Whether there is a size, and all pixels are in the file."""
    if not (tags.get(WIDTH, (0,))[0] > 0 < tags.get(LENGTH, (0,))[0]):
        return False
    starts = tags.get(STRIPS) or tags.get(TILES) or ()
    lengths = tags.get(STRIP_BYTES) or tags.get(TILE_BYTES) or ()
    return (
        0 < len(starts) == len(lengths)
        and max(map(sum, zip(starts, lengths, strict=True))) <= size
        and min(lengths) > 0
    )


def _photometric(data: bytes) -> tuple[str, int] | None:
    """Return the byte order and the offset of the photometric interpretation; None without one."""
    order = "<" if data.startswith(b"II") else ">"
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            if struct.unpack_from(order + "HHI", data, at) == (PHOTOMETRIC, 3, 1):
                struct.unpack_from(order + "H", data, at + 8)
                return order, at + 8
    except struct.error:
        pass
    return None
