"""PNG rows: filtered and deflated with the method that suits the image.

PNG (third edition), section 9: before compression, a row is replaced by its differences from the
pixels to the left or above, and preceded by a byte for the filter. Encoders choose a filter for
each row by a heuristic; in Pillow this takes up to two thirds of the time. One filter for all rows
costs next to nothing with Pillow's arithmetic on whole images, and compresses most of them as well
or better. A trial on a few rows finds that filter, or that Pillow's choice is needed, and whether
to search for repetitions (deflate) or only for runs of equal bytes (RLE).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from isal import isal_zlib
from PIL import Image
from zlib_ng import zlib_ng

from processor.images.encode.png_filters import (
    Filter,
    Strip,
    filtered,
)

STRIP = 1 << 17
"""Pixels that are filtered at a time: they fit into the processor's cache."""

BANDS = 4
BAND_ROWS = 8
"""Bands of rows that the trial uses, and the rows of each, at least."""
TRIAL_PART = 32
"""One of this many rows is in the trial."""


class Method(NamedTuple):
    """Filter and compression of an image's rows."""

    filter: Filter
    level: int
    """zlib-ng's level: 5 compresses like zlib's 6, in a fifth of its time."""
    strategy: int = zlib_ng.Z_DEFAULT_STRATEGY


PALETTE = Method("none", 6)
"""Section 12.7: differences between palette indexes have no meaning."""

RLE = zlib_ng.Z_RLE
METHODS = (
    Method("average", 1, RLE),
    Method("sub", 1, RLE),
    Method("none", 5),
    Method("up", 5),
    Method("sub", 5),
    Method("average", 5),
    Method("adaptive", 1, RLE),
    Method("adaptive", 5),
)
"""From fastest to slowest."""

ESTIMATE = 1
"""ISA-L's level for the comparison of filters: a fifth of the time of zlib-ng's level 5."""
NEAR = 1.05
"""Filters are tried whose estimate is at most this factor larger than the smallest."""

GOOD_ENOUGH = 1.01
"""A faster method is used if its file is at most this factor larger than the smallest."""
NOISY = 0.3
"""Part of the bytes that RLE must leave to be used. Where it leaves less, the image repeats itself,
possibly at a distance larger than the height of the trial's bands."""


def deflated(image: Image.Image) -> bytes:
    """Return the rows of an image of mode L, RGB, RGBA or P as IDAT's zlib stream."""
    method = PALETTE if image.mode == "P" else _best_method(image)
    rows = max(1, STRIP // image.width)
    strips = (_strip(image, top, rows) for top in range(0, image.height, rows))
    return stream_of(strips, method)


def _best_method(image: Image.Image) -> Method:
    strips = list(bands(image, max(BAND_ROWS, image.height // (TRIAL_PART * BANDS))))
    rows = {each: _rows(strips, each) for each in {method.filter: None for method in METHODS}}
    estimates = {each: len(isal_zlib.compress(rows[each], ESTIMATE)) for each in rows}
    near = min(estimates.values()) * NEAR
    sizes = {
        method: len(_compressed([rows[method.filter]], method))
        for method in METHODS
        if estimates[method.filter] <= near
    }
    for method, size in sizes.items():
        if method.strategy == RLE and size < len(rows[method.filter]) * NOISY:
            sizes[method] = len(rows[method.filter])
    enough = min(sizes.values()) * GOOD_ENOUGH
    return next(method for method, size in sizes.items() if size <= enough)


def _rows(strips: Iterable[Strip], filter_name: Filter) -> bytes:
    return b"".join(filtered(strip, filter_name) for strip in strips)


def bands(image: Image.Image, rows: int) -> Iterator[Strip]:
    """Yield rows from several places: a single one may be sky."""
    if image.height <= rows * BANDS:
        yield Strip(image, 0)
        return
    for number in range(BANDS):
        yield _strip(image, (image.height - rows) * (2 * number + 1) // (2 * BANDS), rows)


def _strip(image: Image.Image, top: int, rows: int) -> Strip:
    above = min(top, 1)
    return Strip(image.crop((0, top - above, image.width, min(top + rows, image.height))), above)


def stream_of(strips: Iterable[Strip], method: Method) -> bytes:
    """Return the rows of ``strips`` as one zlib stream."""
    return _compressed((filtered(strip, method.filter) for strip in strips), method)


def _compressed(parts: Iterable[bytes | memoryview], method: Method) -> bytes:
    stream = zlib_ng.compressobj(method.level, memLevel=9, strategy=method.strategy)
    return b"".join((*(stream.compress(part) for part in parts), stream.flush()))
