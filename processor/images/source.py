"""From bytes to a decoded picture: recognised by content, checked by its header, then decoded."""

import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Image.open would import every plugin that Pillow has on meeting an odd file: these are all.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from processor.images.canvas import Canvas
from processor.images.errors import ImageError
from processor.images.jpeg import count_scans
from processor.images.limits import Limits

# Our own limits, checked from the header, stand in for Pillow's warning.
Image.MAX_IMAGE_PIXELS = None

DECODED_GAP = 1.5
"""How much larger than the largest rendition a JPEG is decoded. At 1.0 the decoder's own scaling
shows: 10 dB PSNR are lost before encoding."""


SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "TIFF": re.compile(rb"II\*\0|MM\0\*"),
    "AVIF": re.compile(rb"....ftypavi[fs]", re.DOTALL),
    "BMP": re.compile(rb"BM"),
}
"""How the files of each accepted format begin."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a picture's header says. Sizes are in pixels, as a person sees the picture."""

    format: str
    width: int
    height: int
    orientation: int
    """EXIF orientation, 1 to 8."""
    has_alpha: bool
    handle: Image.Image
    """The opened, not yet decoded picture."""


def recognise(data: bytes) -> str:
    """The format's name for Pillow, by the file's first bytes and never by its name."""
    for format_name, signature in SIGNATURES.items():
        if signature.match(data):
            return format_name
    raise ImageError(
        "unsupported-format",
        "The file is not a picture that can be read. Accepted: JPEG, PNG, WebP, AVIF, GIF, "
        "TIFF and BMP.",
        begins_with=data[:16].hex(" "),
    )


def inspect(data: bytes, limits: Limits) -> Source:
    """Read the header of ``data`` and hold it against ``limits``; decodes no pixel.

    Raises ``ImageError``.
    """
    limits.check_bytes(len(data))
    format_name = recognise(data)
    with _refusing("read"):
        handle = Image.open(io.BytesIO(data), formats=(format_name,))
    limits.check_size(*handle.size)
    if format_name == "JPEG":
        limits.check_scans(count_scans(data))
    with _refusing("read"):
        orientation = handle.getexif().get(ExifTags.Base.Orientation, 1)
    if orientation not in range(1, 9) or format_name == "TIFF":
        orientation = 1  # Pillow turns TIFFs by itself
    width, height = handle.size if orientation < 5 else handle.size[::-1]
    return Source(
        format=format_name.lower(),
        width=width,
        height=height,
        orientation=orientation,
        has_alpha=handle.has_transparency_data,
        handle=handle,
    )


def decode(source: Source, scale: float) -> Canvas:
    """Decode the picture at the smallest size that serves renditions of ``scale``.

    ``scale`` is the largest rendition's size divided by the original's, at most 1. Only JPEG can
    be decoded smaller than it is; other formats come whole. Raises ``ImageError``.
    """
    image = source.handle
    with _refusing("decoded"):
        if source.format == "jpeg":
            gap = min(1.0, scale * DECODED_GAP)
            image.draft(None, (math.ceil(image.width * gap), math.ceil(image.height * gap)))
        image.load()
    return Canvas(image, profile=image.info.get("icc_profile"), orientation=source.orientation)


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turn whatever a decoder makes of broken bytes into one ``ImageError``.

    Decoders raise nearly every built-in exception on hostile input, so all are caught here; only
    a lack of memory is not the picture's fault.
    """
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, EOFError) or "truncated" in str(error).lower():
            raise ImageError(
                "truncated",
                "The file ends before the picture does. Upload it again.",
                decoder=str(error),
            ) from error
        raise ImageError(
            "corrupt",
            f"The file is damaged: it cannot be {what}. Export it again and upload the new file.",
            decoder=f"{type(error).__name__}: {error}",
        ) from error
