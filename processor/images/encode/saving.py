"""Pillow's ``save()``, without its side effects."""

import io
import os
from collections.abc import Callable
from contextlib import closing
from typing import IO

from PIL import Image

from processor.images.canvas import Canvas


def bare(image: Image.Image) -> Image.Image:
    """Return a new image without metadata that shares the pixels.

    ``save()`` writes profiles and comments from ``image.info``, and stores its options in the
    image, where another thread would overwrite them. A ``copy()`` would take 4 bytes a pixel.
    """
    image.load()
    same = image._new(image.im)  # noqa: SLF001 - Pillow offers no other copy that shares the pixels
    same.info = {}
    return same


def without_unused_alpha(image: Image.Image) -> Image.Image:
    """Return the image as RGB if all its pixels are opaque, else unchanged."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 255:
        return image.convert("RGB")
    return image


def without_hidden_colors(image: Image.Image) -> Image.Image:
    """Return the image with black in its fully transparent pixels, whatever color they hold.

    Hidden colors may be what someone erased, and they make files larger.
    """
    if image.mode != "RGBA" or image.getchannel("A").getextrema()[0] != 0:
        return image
    hidden = image.getchannel("A").point([255] + [0] * 255, "1")
    cleared = image.copy()
    cleared.paste((0, 0, 0, 0), mask=hidden)
    return cleared


def profile_for(canvas: Canvas) -> bytes | None:
    """Return the ICC profile to write; None for sRGB, and for gray, which is the same in both."""
    return None if canvas.image.mode == "L" else canvas.profile


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    """Return the bytes of a file, with no metadata but that in ``options``."""
    with closing(_new_file()) as file:
        bare(image).save(file, format_name, **options)
        file.seek(0)
        return file.read()


def _memory_file() -> IO[bytes]:
    return open(os.memfd_create("image"), "w+b", buffering=0)  # noqa: PTH123


# Pillow releases Python's lock while it encodes into a file with a descriptor, not into BytesIO.
_new_file: Callable[[], IO[bytes]] = _memory_file if hasattr(os, "memfd_create") else io.BytesIO
