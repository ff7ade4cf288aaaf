"""WebP files."""

from processor.images.canvas import Canvas
from processor.images.encode.saving import bare, saved
from processor.images.errors import ImageError
from processor.images.recipe import WebP

LONGEST_SIDE = 16_383
"""Pixels; RFC 9649, section 2.6: 14 bits."""

LOSSLESS_EFFORT = 75
"""Of 100; how thoroughly the lossless encoder searches, beside ``method``. libwebp's default."""


def write_webp(canvas: Canvas, output: WebP, exif: bytes) -> bytes:
    """All frames as WebP. Raises ``ImageError``."""
    if max(canvas.image.size) > LONGEST_SIDE:
        raise ImageError(
            "too-long-side",
            f"WebP allows {LONGEST_SIDE} pixels a side: choose a smaller resize, or another format",
            size=canvas.image.size,
        )
    options: dict[str, object] = {
        "quality": LOSSLESS_EFFORT if output.lossless else output.quality,
        "lossless": output.lossless,
        "method": output.effort,
        "exif": exif,
    }
    if len(canvas.frames) > 1:
        options |= {
            "save_all": True,
            "append_images": [bare(frame) for frame in canvas.frames[1:]],
            "duration": list(canvas.durations),
            "loop": canvas.loop,
        }
    data = saved(canvas.image, "WEBP", **options)
    if len(canvas.frames) > 1 and canvas.image.mode == "RGBA":
        return _with_alpha(data)
    return data


def _with_alpha(data: bytes) -> bytes:
    """An animation that says it has alpha, which libwebp leaves out if it stored only opaque boxes.

    Programs would show it before black. Source: RFC 9649, section 2.7.1 (VP8X, flag L).
    """
    flagged = bytearray(data)
    if flagged[12:16] == b"VP8X":
        flagged[20] |= 0x10
    return bytes(flagged)
