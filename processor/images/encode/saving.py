"""Pillow's ``save()``, without its side effects."""

import io
import os
from collections.abc import Callable
from contextlib import closing
from typing import IO

from PIL import Image


def bare(image: Image.Image) -> Image.Image:
    """The same pixels under a new object that knows of no metadata.

    ``save()`` takes profiles, comments and the like from ``image.info``, and notes its options in
    the image, where those of another thread would overwrite them. The pixels are shared: a
    ``copy()`` of them would take 4 bytes each.
    """
    image.load()
    same = image._new(image.im)  # noqa: SLF001 - Pillow offers no other copy that shares the pixels
    same.info = {}
    return same


def without_idle_alpha(image: Image.Image) -> Image.Image:
    """``image``, as RGB if no pixel of it is transparent."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 255:
        return image.convert("RGB")
    return image


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    """``image`` as the bytes of a file, with no metadata but that in ``options``."""
    with closing(_new_file()) as file:
        bare(image).save(file, format_name, **options)
        file.seek(0)
        return file.read()


def _memory_file() -> IO[bytes]:
    return open(os.memfd_create("picture"), "w+b", buffering=0)  # noqa: PTH123


# Pillow lets other threads run while it encodes into a file that the kernel knows, not while it
# encodes into BytesIO.
_new_file: Callable[[], IO[bytes]] = _memory_file if hasattr(os, "memfd_create") else io.BytesIO
