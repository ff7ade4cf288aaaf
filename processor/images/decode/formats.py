"""File format detection from the first bytes of a file."""

import re

from processor.images.decode import heif
from processor.images.errors import ImageError

SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "TIFF": re.compile(rb"II\*\0|MM\0\*"),
    "BMP": re.compile(rb"BM"),
}
"""First bytes of the files of each accepted format, except AVIF and HEIC (``heif.py``)."""


def detect_format(data: bytes) -> str:
    """Return Pillow's name of the format, from the file's content and never from its name.

    Raises ``ImageError`` for a format that is not accepted.
    """
    for format_name, signature in SIGNATURES.items():
        if signature.match(data):
            return format_name
    format_name = heif.detect_format(data) or ""
    if format_name == "HEIF" and not heif.register():
        raise ImageError(
            "unsupported-format",
            "The file is a HEIC image, and pi-heif, which decodes HEIC, is not installed. "
            "Upload the image as JPEG.",
        )
    if not format_name:
        raise ImageError(
            "unsupported-format",
            "The file is not an image in an accepted format: JPEG, PNG, WebP, AVIF, HEIC, GIF, "
            "TIFF or BMP.",
        )
    return format_name
