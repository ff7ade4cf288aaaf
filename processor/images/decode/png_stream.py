"""PNG pixels, inflated by ISA-L and not by Pillow's zlib, which takes twice as long.

Pillow reverses the filters and unpacks the rows, so it gets the inflated data as stored blocks.
Sections are those of RFC 1950 (zlib) and RFC 1951 (deflate).
"""

import struct
from collections.abc import Callable, Iterator
from functools import partial

from isal import isal_zlib
from PIL import Image, PngImagePlugin

HEADER = b"\x78\x01"
"""RFC 1950, section 2.2: deflate, a window of 32 kB, the fastest level."""
MAX_STORED = 0xFFFF
"""Bytes of a stored block; RFC 1951, section 3.2.4."""
BLOCK = 1 << 17
"""Bytes that are inflated at a time: they fit into the processor's cache."""


def inflate_fast(image: Image.Image) -> None:
    """Let an opened still PNG inflate its data with ISA-L when it is loaded.

    Interlaced images are left as they are.
    """
    if isinstance(image, PngImagePlugin.PngImageFile) and not image.info.get("interlace"):
        blocks = _stored(partial(image.load_read, image.decodermaxblock))
        image.load_read = lambda read_bytes: next(blocks, b"")  # type: ignore[method-assign]  # noqa: ARG005


def _stored(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield a zlib stream of stored blocks with the content of the one that ``read`` returns."""
    checksum = 1
    yield HEADER
    for data in _inflated(read):
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
