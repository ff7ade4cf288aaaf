"""ICC profile of an opened image, from whichever description of color its format has."""

from PIL import Image

from processor.images.decode import heif, png, png_chunks
from processor.images.decode.color import cicp_profile
from processor.images.decode.source import Source

ICC = b"ICC_PROFILE\0"
"""Start of a segment with a part of a profile, before its number and the number of all."""

GRAY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")


def profile_of(source: Source, handle: Image.Image) -> bytes | None:
    """Return the profile of the pixels; None if they are in sRGB.

    A gray profile counts for gray images only. (Those of AVIF and HEIC are decoded to RGB.)
    """
    if source.header.format == "png":
        profile = png.color_profile(source.data)
        is_gray = png_chunks.layout(source.data).color_type in (
            png_chunks.GRAY,
            png_chunks.GRAY_ALPHA,
        )
    elif source.header.format in ("avif", "heif"):
        profile = handle.info.get("icc_profile")
        if not profile and (points := heif.code_points(source.data)):
            return cicp_profile(*points, is_video=True)
        is_gray = True
    else:
        profile = handle.info.get("icc_profile") if _is_whole(handle) else None
        is_gray = handle.mode in GRAY_MODES
    return None if profile and profile[16:20] == b"GRAY" and not is_gray else profile


def _is_whole(handle: Image.Image) -> bool:
    """Whether a JPEG has each segment of its profile once (ICC.1:2022, annex B.4)."""
    segments = [content for _, content in getattr(handle, "applist", ())]
    numbers = [each[12:14] for each in segments if each.startswith(ICC)]
    return sorted(numbers) == [bytes((n + 1, len(numbers))) for n in range(len(numbers))]
