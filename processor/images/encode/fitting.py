"""Files no larger than they may be."""

from collections.abc import Sequence

import msgspec

from processor.images.canvas import Canvas
from processor.images.encode.formats import Format, write
from processor.images.errors import ImageError
from processor.images.recipe import Gif, Png, WebP

LOWEST_QUALITY = 10
COLORS = (256, 128, 64, 32, 16, 8, 4, 2)


def fit(canvas: Canvas, output: Format, exif: bytes, max_bytes: int) -> bytes:
    """The best file that has at most ``max_bytes`` and is no better than ``output`` asks for.

    Found by halving, so about 6 encodes where the first is too large. Raises ``ImageError``.
    """
    smallest = write(canvas, output, exif)
    if len(smallest) <= max_bytes:
        return smallest
    rungs = ladder(output)
    best: bytes | None = None
    first, end = 0, len(rungs)
    while first < end:
        middle = (first + end) // 2
        data = write(canvas, rungs[middle], exif)
        if len(data) <= max_bytes:
            best, end = data, middle
        else:
            first = middle + 1
        smallest = min(smallest, data, key=len)
    if best is None:
        advice = "resize it smaller, or raise max_bytes"
        if isinstance(output, WebP) and output.lossless:
            advice += ", or leave out lossless"
        raise ImageError(
            "cannot-fit",
            f"The picture takes {len(smallest)} bytes at least, and {max_bytes} are allowed: "
            + advice,
            smallest=len(smallest),
            max_bytes=max_bytes,
        )
    return best


def ladder(output: Format) -> Sequence[Format]:
    """What can be made in place of ``output``, from best and largest to worst and smallest."""
    if isinstance(output, Png | Gif):
        limit = output.colors or COLORS[0] + 1
        return [
            msgspec.structs.replace(output, colors=colors) for colors in COLORS if colors < limit
        ]
    if isinstance(output, WebP) and output.lossless:
        return []
    return [
        msgspec.structs.replace(output, quality=quality)
        for quality in range(output.quality - 1, LOWEST_QUALITY - 1, -1)
    ]
