"""Encoding: a finished canvas as the bytes of a file."""

from dataclasses import dataclass

from processor.images.canvas import Canvas
from processor.images.encode.auto import choose
from processor.images.encode.fitting import fit
from processor.images.encode.formats import write
from processor.images.encode.metadata import NOTHING, FileMetadata
from processor.images.encode.saving import without_hidden_colors
from processor.images.recipe import Auto, Avif, Gif, Jpeg, Output, Png, WebP

__all__ = ["File", "choose", "encode"]

TYPES = {
    Jpeg: ("jpg", "image/jpeg"),
    Png: ("png", "image/png"),
    WebP: ("webp", "image/webp"),
    Avif: ("avif", "image/avif"),
    Gif: ("gif", "image/gif"),
}
"""File name extension and media type of each format; animated PNG has the same as PNG."""


@dataclass(frozen=True, slots=True)
class File:
    """An encoded image."""

    data: bytes
    extension: str
    """Without a dot."""
    content_type: str


def encode(canvas: Canvas, output: Output, metadata: FileMetadata = NOTHING) -> File:
    """Encode a canvas.

    The file has no colors under fully transparent pixels, and no metadata but ``metadata``.
    Thread-safe, also for one canvas. Raises ``ImageError`` if the image can't be reduced to
    ``max_bytes``, or is too large for the format.
    """
    canvas = canvas.map(without_hidden_colors)
    if isinstance(output, Auto):
        output = choose(canvas, output)
    if not output.keeps_animation:
        canvas = canvas.still()
    extension, content_type = TYPES[type(output)]
    if output.max_bytes is None:
        data = write(canvas, output, metadata)
    else:
        data = fit(canvas, output, metadata, output.max_bytes)
    return File(data, extension, content_type)
