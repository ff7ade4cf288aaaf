"""Estimate of the memory that decoding an image takes, made from its header.

The factors are measured, and the tests measure them again: the peak of decoding and standardizing,
without the file itself.
"""

import math
from dataclasses import dataclass, replace

from PIL import BmpImagePlugin, Image, JpegImagePlugin, TiffImagePlugin

from processor.images.decode.jpeg import draft_scale

BASE = 2 * 1024 * 1024
"""Bytes that a decoder takes for an image of any size."""

DECODED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
"""Bytes of a pixel in each mode; 4 in all others."""

STANDARDIZED = {
    "1": 2, "L": 1, "P": 5, "I;16": 5, "I;16B": 5, "I;16L": 5, "RGB": 4, "RGBA": 4, "CMYK": 4,
    "F": 5, "I": 9,
}  # fmt: skip
"""Bytes of a pixel in each mode together with its standardized copy; 8 in all others."""

WIDE_KEY = 12
"""Bytes of a pixel for a PNG's color key of 16 bits: RGB is decoded twice."""

PART = 12
"""Bytes of a pixel for images that are decoded in part, or get alpha: copies before and after."""

WITH_DECODER = {"webp": 18, "avif": 14, "heif": 13}
"""Bytes of a pixel for decoders that decode the whole image before Pillow copies it."""

COPIES = {"webp": 2, "avif": 1, "heif": 1}
"""Copies of the file that these decoders hold."""

ANIMATED = {"gif": 14, "png": 9, "webp": 18, "avif": 27}
"""Bytes of a pixel beside the decoded frames: the decoder's previous and next frame."""


@dataclass(frozen=True, slots=True)
class DecodeMemory:
    """Bytes of memory that decoding an image takes beside the file."""

    base: int
    """At any scale."""
    pixels: int
    """For the pixels of a still image at full size."""
    animation: int
    """For all frames of an animation; 0 for a still image."""
    is_scaled: bool
    """Whether the decoder can decode fewer pixels than the image has (JPEG)."""

    def with_part(self, area: int) -> "DecodeMemory":
        """Return what decoding a part of so many pixels takes."""
        more = PART * area
        animation = self.animation + more if self.animation else 0
        return replace(self, pixels=self.pixels + more, animation=animation)

    def peak(self, scale: float, *, animated: bool) -> int:
        """Return the peak for renditions of at most ``scale``, of all frames if ``animated``."""
        if animated and self.animation:
            return self.base + self.animation
        part = draft_scale(scale) ** 2 if self.is_scaled else 1
        return self.base + math.ceil(self.pixels * part)


def measure(
    format_name: str, handle: Image.Image, file_bytes: int, *, frames: int, scans: int
) -> DecodeMemory:
    """Estimate the memory for an opened image; ``scans`` are the passes of a progressive JPEG."""
    area = handle.width * handle.height
    base = BASE + file_bytes * COPIES.get(format_name, 0)
    if isinstance(handle, JpegImagePlugin.JpegImageFile):
        per_pixel: float = DECODED.get(handle.mode, 4)
        if scans > 1:
            # Pixels follow from the last pass: until then all coefficients, of 2 bytes, are kept.
            base += math.ceil(2 * coefficients(handle) * area)
    else:
        per_pixel = WITH_DECODER.get(format_name) or max(standardized(handle), decoded(handle))
    return DecodeMemory(
        base=base,
        pixels=math.ceil(per_pixel * area),
        animation=(4 * frames + ANIMATED[format_name]) * area if frames > 1 else 0,
        is_scaled=format_name == "jpeg",
    )


def standardized(handle: Image.Image) -> int:
    """Return the bytes of a pixel held twice: as it was decoded, and standardized."""
    keyed = handle.mode in ("L", "RGB", "I;16") and handle.has_transparency_data
    is_wide = any(tile.args in ("I;16B", "RGB;16B") for tile in getattr(handle, "tile", ()))
    return STANDARDIZED.get(handle.mode, 8) + (4 + WIDE_KEY * is_wide) * keyed


def decoded(handle: Image.Image) -> float:
    """Return the bytes of a pixel while Pillow's own decoders decode it."""
    per_pixel: float = DECODED.get(handle.mode, 4)
    if isinstance(handle, TiffImagePlugin.TiffImageFile):
        if handle.info.get("compression") != "raw":
            # A strip or tile is decoded whole, and one may hold the whole image.
            per_pixel += sum(handle.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))) / 8
    elif isinstance(handle, BmpImagePlugin.BmpImageFile) and handle.info.get("compression"):
        per_pixel += 2
    return per_pixel


def coefficients(handle: JpegImagePlugin.JpegImageFile) -> float:
    """Return a JPEG's coefficients for each pixel: 3, or fewer with subsampled colors."""
    across = [layer[1] for layer in handle.layer]
    down = [layer[2] for layer in handle.layer]
    stored = sum(a * d for a, d in zip(across, down, strict=True))
    return stored / max(1, max(across, default=1) * max(down, default=1))
