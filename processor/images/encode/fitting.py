"""Encoding within ``max_bytes``, by a binary search over quality or colors."""

from collections.abc import Callable, Sequence

import msgspec

from processor.images.canvas import Canvas
from processor.images.encode.formats import Format, write
from processor.images.encode.metadata import FileMetadata
from processor.images.errors import ImageError
from processor.images.recipe import Gif, Png, WebP

MIN_QUALITY = 10
"""A lower quality isn't tried: the image is hardly recognizable."""
COLORS = (256, 128, 64, 32, 16, 8, 4, 2)


def fit(
    canvas: Canvas,
    output: Format,
    metadata: FileMetadata,
    max_bytes: int,
    write: Callable[[Canvas, Format, FileMetadata], bytes] = write,
) -> bytes:
    """Return the best file of at most ``max_bytes``, at the quality of ``output`` or below.

    Takes about 6 more encodings if the first file is too large, at most 8. Raises ``ImageError``
    if even the smallest is.
    """
    smallest = write(canvas, output, metadata)
    if len(smallest) <= max_bytes:
        return smallest
    candidates = fallbacks(output)
    best: bytes | None = None
    tried = set()
    first, end = 0, len(candidates)
    while first < end:
        middle = (first + end) // 2
        data = write(canvas, candidates[middle], metadata)
        tried.add(middle)
        if len(data) <= max_bytes:
            best, end = data, middle
        else:
            first = middle + 1
        smallest = min(smallest, data, key=len)
    if best is None and isinstance(output, Png | Gif):
        # Dithering may make a file of fewer colors larger.
        for number in sorted(set(range(len(candidates))) - tried):
            data = write(canvas, candidates[number], metadata)
            if len(data) <= max_bytes:
                return data
            smallest = min(smallest, data, key=len)
    if best is None:
        advice = "Choose a smaller resize, or raise max_bytes"
        if isinstance(output, WebP) and output.lossless:
            advice += ", or omit lossless"
        raise ImageError(
            "cannot-fit",
            f"The smallest file has {len(smallest)} bytes; at most {max_bytes} are allowed. "
            f"{advice}.",
            smallest=len(smallest),
            max_bytes=max_bytes,
        )
    return best


def fallbacks(output: Format) -> Sequence[Format]:
    """Return the outputs below ``output``, from best and largest to worst and smallest."""
    if isinstance(output, Png | Gif):
        limit = output.colors or COLORS[0] + 1
        return [
            msgspec.structs.replace(output, colors=colors) for colors in COLORS if colors < limit
        ]
    if isinstance(output, WebP) and output.lossless:
        return []
    return [
        msgspec.structs.replace(output, quality=quality)
        for quality in range(output.quality - 1, MIN_QUALITY - 1, -1)
    ]
