"""Encode a finished picture. No metadata is written: what is not passed on cannot leak."""

import io
from typing import Any

from PIL import Image

from processor.images.recipe import Jpeg, Output, Png, WebP

TYPES = {Jpeg: ("jpg", "image/jpeg"), WebP: ("webp", "image/webp"), Png: ("png", "image/png")}
"""File name extension and media type of each output."""


def encode(image: Image.Image, output: Output) -> bytes:
    """Encode ``image``, of mode L, RGB or RGBA, as ``output`` asks."""
    options: dict[str, Any]
    match output:
        case Jpeg():
            options = {
                "quality": output.quality,
                "progressive": output.progressive,
                "subsampling": "4:2:0",
                "optimize": True,
            }
        case WebP():
            options = {"quality": output.quality, "method": 4}
        case Png():
            options = {"compress_level": 6}
    # PNG would take the original's profile and text from here.
    image.info = {}
    file = io.BytesIO()
    image.save(file, TYPES[type(output)][1].removeprefix("image/"), **options)
    return file.getvalue()
