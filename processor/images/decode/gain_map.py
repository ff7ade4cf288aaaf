"""HDR gain maps: whether an image has one beside its base image, which is rendered."""

from PIL import Image

JPEG_MARKS = (b"http://ns.adobe.com/hdr-gain-map/1.0/", b"urn:iso:std:iso:ts:21496:-1")
"""XMP of Android's "Ultra HDR Image Format v1.1", and the APP2 segment of ISO 21496-1."""

MULTI_PICTURE = b"MPF\0"
"""Start of the APP2 segment of a file with several images (CIPA DC-007)."""

APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
"""Type of Apple's auxiliary image, in the XMP of a JPEG's second image or in HEIC's ``auxC``."""

TONE_MAPPED = b"tmap"
"""Brand of AVIF and HEIC with a tone-mapped image (ISO/IEC 23008-12)."""

HEADER = 1 << 16
"""Bytes of an AVIF or HEIC that are searched."""


def has_gain_map(format_name: str, data: bytes, handle: Image.Image) -> bool:
    """Whether the file has a gain map; ``handle`` is the opened image."""
    if format_name in ("AVIF", "HEIF"):
        types = data[: min(int.from_bytes(data[:4]), HEADER)]
        return TONE_MAPPED in types or data.find(APPLE, 0, HEADER) >= 0
    segments = [content for _, content in getattr(handle, "applist", ())]
    if any(mark in content for content in segments for mark in JPEG_MARKS):
        return True
    is_multiple = any(content.startswith(MULTI_PICTURE) for content in segments)
    return is_multiple and data.find(APPLE) >= 0
