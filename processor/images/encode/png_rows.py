"""The rows of a PNG: filtered, then deflated, each in the way that suits the picture.

PNG (third edition), section 9: before compression a row is replaced by its differences from what
is left of it or above it, and a byte before it says how. Encoders choose for each row by a rule of
thumb; Pillow does, which takes up to two thirds of the time. One filter for all rows costs next to
nothing with Pillow's arithmetic on whole pictures, and compresses as well or better for most of
them: a trial on a few rows finds which, and for what pictures Pillow's choice is needed. It also
tells whether to search for repetitions (deflate) or only for runs of equal bytes (RLE).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from PIL import Image
from zlib_ng import zlib_ng

from processor.images.encode.png_filters import (
    Filter,
    Strip,
    filtered,
)

STRIP = 1 << 17
"""Pixels that are filtered at a time: what is in the processor's cache anyway."""

BANDS = 4
BAND_ROWS = 8
"""The trial is made on so many bands of at least so many rows."""
TRIAL_PART = 32
"""One row of so many is in the trial."""


class Way(NamedTuple):
    """How the rows of a picture are stored."""

    filter: Filter
    level: int
    """zlib-ng's. 5 makes files as small as zlib's 6, in a fifth of its time."""
    strategy: int = zlib_ng.Z_DEFAULT_STRATEGY


PALETTE = Way("none", 6)
"""Section 12.7: differences between the numbers of colors mean nothing."""

RLE = zlib_ng.Z_RLE
WAYS = (
    Way("average", 1, RLE),
    Way("sub", 1, RLE),
    Way("none", 5),
    Way("up", 5),
    Way("sub", 5),
    Way("average", 5),
    Way("adaptive", 1, RLE),
    Way("adaptive", 5),
)
"""From fastest to slowest."""

GOOD_ENOUGH = 1.01
"""A faster way is taken if its file is not larger than the smallest by more than this factor."""
NOISY = 0.3
"""What RLE must leave of the bytes to be taken. Where it leaves less, much is repeated, if farther
apart than the trial's bands are high."""


def deflated(image: Image.Image) -> bytes:
    """The rows of ``image``, of mode L, RGB, RGBA or P, as the zlib stream that IDAT holds."""
    way = PALETTE if image.mode == "P" else _best_way(image)
    rows = max(1, STRIP // image.width)
    strips = (_strip(image, top, rows) for top in range(0, image.height, rows))
    return stream_of(strips, way)


def _best_way(image: Image.Image) -> Way:
    strips = list(bands(image, max(BAND_ROWS, image.height // (TRIAL_PART * BANDS))))
    sizes = {way: len(stream_of(strips, way)) for way in WAYS}
    raw = len(image.getbands()) * image.width * sum(s.image.height - s.above for s in strips)
    for way, size in sizes.items():
        if way.strategy == RLE and size < raw * NOISY:
            sizes[way] = raw
    enough = min(sizes.values()) * GOOD_ENOUGH
    return next(way for way, size in sizes.items() if size <= enough)


def bands(image: Image.Image, rows: int) -> Iterator[Strip]:
    """Rows from several places, because a single place may be the sky."""
    if image.height <= rows * BANDS:
        yield Strip(image, 0)
        return
    for number in range(BANDS):
        yield _strip(image, (image.height - rows) * (2 * number + 1) // (2 * BANDS), rows)


def _strip(image: Image.Image, top: int, rows: int) -> Strip:
    above = min(top, 1)
    return Strip(image.crop((0, top - above, image.width, min(top + rows, image.height))), above)


def stream_of(strips: Iterable[Strip], way: Way) -> bytes:
    """The rows of ``strips`` as one zlib stream."""
    stream = zlib_ng.compressobj(way.level, memLevel=9, strategy=way.strategy)
    parts = [stream.compress(filtered(strip, way.filter)) for strip in strips]
    return b"".join((*parts, stream.flush()))
