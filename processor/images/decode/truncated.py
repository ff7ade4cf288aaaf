"""JPEG files that end before the image does: the part that browsers show.

In a sequential JPEG, rows that are not complete are transparent. A progressive one has all rows,
and loses detail.
"""

import io
import math
from collections.abc import Callable
from contextlib import suppress

from PIL import Image, ImageChops

from processor.images.decode import jpeg

END = b"\xff\xd9"
"""The marker that ends an image (ITU-T T.81, B.1.1.3)."""

BLOCK = 8
"""Rows of a block of coefficients (ITU-T T.81, A.1)."""

CONTEXT = 2
"""Rows of the block before that libjpeg outputs with the next one."""

Opened = Callable[[bytes], Image.Image]
"""Opens a JPEG at the size that is needed."""


def is_complete(data: bytes) -> bool:
    """Whether a JPEG has an end marker after its first scan."""
    end = data.rfind(END)
    if end >= len(data) - len(END):
        return True
    return any(
        marker == jpeg.START_OF_SCAN and place < end for marker, place in jpeg.segments(data)
    )


def decode_part(data: bytes, opened: Opened) -> tuple[Image.Image, int]:
    """Decode a truncated JPEG, and return it with the number of rows to show.

    The last row of blocks is shown even if it isn't complete: often only the end marker is missing.
    Raises ``EOFError`` if no row is complete.
    """
    whole = opened(data + END)
    whole.load()
    if not jpeg.is_one_scan(data):
        return whole, whole.height
    done, height = _complete_rows(data)
    if done == 0:
        raise EOFError("no row of pixels is complete")
    tallest = max((layer[2] for layer in whole.layer), default=1)  # type: ignore[attr-defined]
    if height - done <= BLOCK * tallest + CONTEXT:
        return whole, whole.height
    return whole, math.floor(done * whole.height / height)


def _complete_rows(data: bytes) -> tuple[int, int]:
    """Return the number of rows that are decoded before the data end, and of all rows.

    Measured at an eighth of the size, on two backgrounds: they differ where nothing is decoded.
    """
    on_black, on_white = (_partly_decoded(data, tone) for tone in (0, 255))
    height = on_black.height
    apart = ImageChops.difference(on_black, on_white).getbbox(alpha_only=False)
    full = Image.open(io.BytesIO(data), formats=("JPEG",)).height
    rows = apart[1] if apart else height
    return min(full, rows * math.ceil(full / height)), full


def _partly_decoded(data: bytes, tone: int) -> Image.Image:
    """Return what Pillow decodes of a JPEG before it fails, over a background of one tone."""
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.draft(None, (max(1, image.width // BLOCK), max(1, image.height // BLOCK)))
    background = Image.new(image.mode, image.size, (tone,) * len(image.getbands()))
    image.im = background.im
    with suppress(OSError):
        image.load()
    return background
