"""How much memory it takes to decode a picture, before it is decoded.

All numbers are measured, and measured again by the tests: the most that decoding and standardizing
take at once, beside the file itself.
"""

import math

from PIL import BmpImagePlugin, Image, JpegImagePlugin, TiffImagePlugin

from processor.images.decode.source import DECODED_GAP, Source

ALWAYS = 2 * 1024 * 1024
"""Bytes that a decoder takes for a picture of any size."""

DECODED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""Bytes of a pixel of each mode; of all others, 4."""

STANDARDIZED = {
    "1": 2, "L": 1, "P": 5, "I;16": 5, "I;16B": 5, "I;16L": 5, "RGB": 4, "RGBA": 4, "CMYK": 4,
    "F": 5, "I": 9,
}  # fmt: skip
"""Bytes of a pixel of each mode and of the copy that the steps can work on; of all others, 8."""

WITH_DECODER = {"webp": 18, "avif": 14, "heif": 13}
"""Bytes of a pixel that decoders take which make the whole picture before Pillow copies it."""

COPIES = {"webp": 2, "avif": 1, "heif": 1}
"""How often these hold the file."""

ANIMATED = {"gif": 14, "png": 9, "webp": 18, "avif": 27}
"""Bytes of a pixel that decoders take beside the frames: what was shown before, and will be."""


def estimate(source: Source, scale: float, *, animated: bool) -> int:
    """Bytes that decoding takes at its peak, beside the file itself."""
    name, handle, frames = source.header.format, source.handle, source.header.frames
    pixels = handle.width * handle.height
    copies = source.file_bytes * COPIES.get(name, 0)
    if isinstance(handle, JpegImagePlugin.JpegImageFile):
        each = DECODED.get(handle.mode, 4) * draft_scale(scale) ** 2
        # Pixels come of the last pass: until then all coefficients, of 2 bytes, are kept.
        each += 2 * coefficients(handle) if source.scans > 1 else 0
    elif animated and frames > 1:
        each = 4 * frames + ANIMATED[name]
    else:
        each = WITH_DECODER.get(name, 0) or max(standardized(handle), decoded(handle))
    return ALWAYS + copies + math.ceil(pixels * each)


def standardized(handle: Image.Image) -> int:
    """Bytes of a pixel that is in memory twice: as it was decoded, and as the steps need it."""
    keyed = handle.mode in ("L", "RGB") and handle.has_transparency_data
    return STANDARDIZED.get(handle.mode, 8) + 4 * keyed


def decoded(handle: Image.Image) -> float:
    """Bytes of a pixel while it is decoded by the plainer decoders."""
    each: float = DECODED.get(handle.mode, 4)
    if isinstance(handle, TiffImagePlugin.TiffImageFile):
        if handle.info.get("compression") != "raw":
            # A strip, or a tile, is decoded whole: it may be all of the picture.
            each += sum(handle.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))) / 8
    elif isinstance(handle, BmpImagePlugin.BmpImageFile) and handle.info.get("compression"):
        each += 2
    return each


def coefficients(handle: JpegImagePlugin.JpegImageFile) -> float:
    """Coefficients of a JPEG for each of its pixels: three, unless colors are stored smaller."""
    across = [layer[1] for layer in handle.layer]
    down = [layer[2] for layer in handle.layer]
    stored = sum(a * d for a, d in zip(across, down, strict=True))
    return stored / max(1, max(across, default=1) * max(down, default=1))


def draft_scale(scale: float) -> float:
    """The scale, of 1/8, 1/4, 1/2 and 1, at which a JPEG is decoded for renditions of ``scale``."""
    wanted = min(1.0, scale * DECODED_GAP)
    return next(each for each in (0.125, 0.25, 0.5, 1.0) if each >= wanted)
