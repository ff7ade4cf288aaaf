"""Encoder of each format."""

from processor.images.canvas import Canvas
from processor.images.encode.avif import write_avif
from processor.images.encode.gif import write_gif
from processor.images.encode.jpeg import write_jpeg
from processor.images.encode.metadata import FileMetadata
from processor.images.encode.png import write_png
from processor.images.encode.webp import write_webp
from processor.images.recipe import Avif, Gif, Jpeg, Png, WebP

Format = Jpeg | Png | WebP | Avif | Gif
"""Any output but ``auto``."""


def write(canvas: Canvas, output: Format, metadata: FileMetadata) -> bytes:
    """Encode a canvas once, whatever the size."""
    match output:
        case Jpeg():
            return write_jpeg(canvas, output, metadata)
        case Png():
            return write_png(canvas, output, metadata)
        case WebP():
            return write_webp(canvas, output, metadata)
        case Avif():
            return write_avif(canvas, output, metadata)
        case Gif():
            return write_gif(canvas, output)
