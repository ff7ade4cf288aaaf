"""WebP encoding."""

from processor.images.canvas import Canvas
from processor.images.encode.metadata import FileMetadata
from processor.images.encode.saving import bare, profile_for, saved
from processor.images.encode.webp_alpha import with_alpha
from processor.images.errors import ImageError
from processor.images.recipe import WebP

MAX_SIDE = 16_383
"""Pixels; RFC 9649, section 2.6: 14 bits."""

LOSSLESS_EFFORT = 75
"""Of 100, beside ``method``: effort of the lossless encoder. libwebp's default."""

KEY_FRAMES = {"kmin": 4, "kmax": 5}
"""Distance between key frames of lossy animations. libwebp does not store changes of a few levels
from one frame to the next, which would add up in a slow fade. With Pillow's smaller ``kmin``, it
encodes more frames both ways."""
NO_KEY_FRAMES = {"kmin": 0, "kmax": 0}
"""Lossless frames differ from none."""


def write_webp(canvas: Canvas, output: WebP, metadata: FileMetadata) -> bytes:
    """Encode all frames as WebP. Raises ``ImageError`` for an image that is too large."""
    if max(canvas.image.size) > MAX_SIDE:
        raise ImageError(
            "too-long-side",
            f"The rendition is {canvas.image.width} x {canvas.image.height} pixels; WebP allows "
            f"{MAX_SIDE:,} per side. Choose a smaller resize, or another format.",
            size=canvas.image.size,
        )
    options: dict[str, object] = {
        "quality": LOSSLESS_EFFORT if output.lossless else output.quality,
        "lossless": output.lossless,
        "method": output.effort,
        "exif": metadata.exif,
        "xmp": metadata.xmp,
        "icc_profile": profile_for(canvas),
    }
    if len(canvas.frames) > 1:
        options |= {
            "save_all": True,
            "append_images": [bare(frame) for frame in canvas.frames[1:]],
            "duration": list(canvas.durations),
            "loop": canvas.loop,
            **(NO_KEY_FRAMES if output.lossless else KEY_FRAMES),
        }
    has_alpha = canvas.image.mode == "RGBA"
    if has_alpha and len(canvas.frames) == 1 and not output.lossless:
        # libwebp hardly compresses alpha of this quality, and encodes the same colors.
        data = saved(canvas.image, "WEBP", **options, alpha_quality=0)
        return with_alpha(data, canvas.image.getchannel("A"), output.effort)
    data = saved(canvas.image, "WEBP", **options)
    return _flagged(data) if has_alpha and len(canvas.frames) > 1 else data


def _flagged(data: bytes) -> bytes:
    """Set an animation's alpha flag, which libwebp omits if all its stored boxes are opaque.

    Without it, viewers show a black background. Source: RFC 9649, section 2.7.1 (VP8X, flag L).
    """
    flagged = bytearray(data)
    if flagged[12:16] == b"VP8X":
        flagged[20] |= 0x10
    return bytes(flagged)
