"""PNG chunks and header.

Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from zlib_ng import zlib_ng

SIGNATURE_LENGTH = 8

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
"""Color types (11.2.1)."""
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}

PIXELS = (b"IDAT", b"fdAT")


class Chunk(NamedTuple):
    """Place of a chunk in its file (5.3)."""

    kind: bytes
    start: int
    """Of its length, which comes first."""
    length: int
    """Of its data."""

    @property
    def end(self) -> int:
        """Offset after its checksum."""
        return self.start + 12 + self.length

    def data(self, file: bytes, most: int | None = None) -> bytes:
        """Return its data, or the first bytes of it."""
        start, length = self.start + 8, self.length if most is None else min(most, self.length)
        return file[start : start + length]

    def is_intact(self, file: bytes) -> bool:
        """Whether the checksum is right."""
        covered = memoryview(file)[self.start + 4 : self.end - 4]
        return zlib_ng.crc32(covered) == int.from_bytes(file[self.end - 4 : self.end])


class Layout(NamedTuple):
    """Header of a file (11.2.1)."""

    width: int
    height: int
    bits: int
    color_type: int
    is_interlaced: bool


def layout(file: bytes) -> Layout:
    """Return the header; zeros where a file is too short for one."""
    return Layout(*struct.unpack(">IIBBxx?", file[16:29].ljust(13, b"\0")))


def chunks(file: bytes) -> Iterator[Chunk]:
    """Yield all whole chunks up to IEND."""
    place, end = SIGNATURE_LENGTH, len(file)
    while place + 12 <= end:
        chunk = Chunk(file[place + 4 : place + 8], place, int.from_bytes(file[place : place + 4]))
        if chunk.end > end:
            return
        yield chunk
        if chunk.kind == b"IEND":
            return
        place = chunk.end


def written(kind: bytes, data: bytes) -> bytes:
    """Return a chunk with its length and checksum."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib_ng.crc32(body))


END = written(b"IEND", b"")


def is_complete(file: bytes) -> bool:
    """Whether no chunk is missing at the end."""
    return file.endswith(END) or any(chunk.kind == b"IEND" for chunk in chunks(file))


def completed(file: bytes) -> bytes:
    """Return a file that ends early as a whole one, with all pixels that it has.

    One without pixels is returned as it is.
    """
    place, has_pixels = SIGNATURE_LENGTH, False
    for chunk in chunks(file):
        place, has_pixels = chunk.end, has_pixels or chunk.kind in PIXELS
    kind = file[place + 4 : place + 8]
    cut = b""
    if kind in PIXELS:
        length = int.from_bytes(file[place : place + 4])
        cut = written(kind, file[place + 8 : place + 8 + length])
    return file[:place] + cut + END if cut or has_pixels else file
