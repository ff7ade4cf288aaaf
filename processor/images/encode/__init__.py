"""A finished picture as the bytes of a file."""

from dataclasses import dataclass, replace

from processor.images.canvas import Canvas
from processor.images.encode.auto import choose
from processor.images.encode.fitting import fit
from processor.images.encode.formats import write
from processor.images.recipe import Auto, Avif, Gif, Jpeg, Output, Png, WebP

__all__ = ["File", "choose", "encode"]

TYPES = {
    Jpeg: ("jpg", "image/jpeg"),
    Png: ("png", "image/png"),
    WebP: ("webp", "image/webp"),
    Avif: ("avif", "image/avif"),
    Gif: ("gif", "image/gif"),
}
"""File name extension and media type of each format. Animated PNG is an image/png as well."""


@dataclass(frozen=True, slots=True)
class File:
    """An encoded picture."""

    data: bytes
    extension: str
    """Without the dot."""
    content_type: str


def encode(canvas: Canvas, output: Output, exif: bytes = b"") -> File:
    """Encode ``canvas`` as ``output`` asks.

    Nothing but ``exif`` (from ``metadata.exif_bytes``) is written beside the pixels: what is not
    passed on cannot leak. Safe to call for one canvas from several threads. Raises ``ImageError``
    where the picture cannot be made as small as ``max_bytes``, or is too large for the format.
    """
    if isinstance(output, Auto):
        output = choose(canvas, output)
    if isinstance(output, Jpeg) or output.animation == "first-frame":
        canvas = replace(canvas, frames=canvas.frames[:1], durations=())
    extension, content_type = TYPES[type(output)]
    if output.max_bytes is None:
        data = write(canvas, output, exif)
    else:
        data = fit(canvas, output, exif, output.max_bytes)
    return File(data, extension, content_type)
