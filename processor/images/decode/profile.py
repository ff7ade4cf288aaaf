"""ICC profile of an opened image, from whichever description of color its format has."""

from PIL import Image

from processor.images.decode import heif, png, png_chunks
from processor.images.decode.color import cicp_profile
from processor.images.decode.source import Source

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
        profile, is_gray = handle.info.get("icc_profile"), handle.mode in GRAY_MODES
    return None if profile and profile[16:20] == b"GRAY" and not is_gray else profile
