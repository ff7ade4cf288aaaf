"""PNG pixels, inflated by ISA-L and not by Pillow's zlib, which takes twice as long.

Pillow reverses the filters and unpacks the rows, so it gets the inflated data as stored blocks.
Sections are those of RFC 1950 (zlib) and RFC 1951 (deflate).
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

from isal import isal_zlib
from PIL import Image, PngImagePlugin

HEADER = b"\x78\x01"
"""RFC 1950, section 2.2: deflate, a window of 32 kB, the fastest level."""
MAX_STORED = 0xFFFF
"""Bytes of a stored block; RFC 1951, section 3.2.4."""
BLOCK = 1 << 17
"""Bytes that are inflated at a time: they fit into the processor's cache."""


def load_fast(image: Image.Image, size: int = 0) -> None:
    """Load an opened still PNG, whose data is inflated by ISA-L.

    With ``size``, zeros follow data that ends before so many bytes.
    """
    if not isinstance(image, PngImagePlugin.PngImageFile):
        image.load()
        return
    blocks = _inflated(partial(image.load_read, image.decodermaxblock))
    stream = _stored(_filled(blocks, size) if size else blocks)
    image.load_read = lambda read_bytes: next(stream, b"")  # type: ignore[method-assign]  # noqa: ARG005
    try:
        image.load()
    finally:
        # It refers to the image, which would not be freed with its last other reference.
        del image.load_read


def count_inflated(packed: Iterable[bytes]) -> int:
    """Return the bytes that a zlib stream has, which may end early."""
    count, parts = 0, (part for part in packed if part)
    with suppress(EOFError):
        for block in _inflated(lambda: next(parts, b"")):
            count += len(block)
    return count


def _filled(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield blocks as far as there are, and zeros up to ``size`` bytes."""
    with suppress(EOFError):
        for block in blocks:
            yield block
            size -= len(block)
    while size > 0:
        yield bytes(min(size, BLOCK))
        size -= BLOCK


def _stored(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a zlib stream of stored blocks with this content."""
    checksum = 1
    yield HEADER
    for data in blocks:
        checksum = isal_zlib.adler32(data, checksum)
        for start in range(0, len(data), MAX_STORED):
            yield _block(data[start : start + MAX_STORED])
    yield _block(b"", is_last=True) + struct.pack(">I", checksum)


def _block(data: bytes, *, is_last: bool = False) -> bytes:
    return struct.pack("<BHH", is_last, len(data), len(data) ^ 0xFFFF) + data


def _inflated(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield inflated data; as in browsers, the checksum after it may be wrong.

    Raises ``EOFError`` if the data ends early.
    """
    stream = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)
    packed = b""
    while len(packed) < len(HEADER):
        packed += _some(read)
    if packed[0] & 0x0F != isal_zlib.DEFLATED or int.from_bytes(packed[:2]) % 31:
        raise ValueError("the image data is no zlib stream")
    packed = packed[len(HEADER) :]
    while not stream.eof:
        # Without new data, the stream returns what exceeded BLOCK before.
        data = stream.decompress(packed, BLOCK)
        packed = stream.unconsumed_tail
        if data:
            yield data
        elif not packed and not stream.eof:
            packed = _some(read)


def _some(read: Callable[[], bytes]) -> bytes:
    data = read()
    if not data:
        raise EOFError("the image data is truncated")
    return data
