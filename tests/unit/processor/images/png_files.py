"""PNG files of one color, written chunk by chunk."""

import struct
import zlib

from tests.fuzz.seeds import chunk

SIDE = 4
ORANGE = (200, 80, 60)

P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
"""White, red, green and blue of Display P3, as in cHRM."""

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Channels of each color type."""

End = tuple[bytes, ...]


def png(
    pixel: bytes = bytes(ORANGE), kind: int = 2, bits: int = 8, *before: bytes, after: End = ()
) -> bytes:
    """Return a square of one pixel's bytes, with more chunks before and after the image data."""
    side = SIDE * (8 // bits if bits < 8 else 1)
    header = struct.pack(">IIBBBBB", side, side, bits, kind, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress((b"\0" + pixel * SIDE) * side))
    parts = (chunk(b"IHDR", header), *before, data, *after, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def colored(*chunks: bytes) -> bytes:
    """Return a PNG of ``ORANGE`` with these chunks."""
    return png(bytes(ORANGE), 2, 8, *chunks)


def broken(part: bytes) -> bytes:
    """Return a chunk with a wrong checksum."""
    return part[:-1] + bytes([part[-1] ^ 1])


def gama(gamma: int) -> bytes:
    """Return gAMA, in 1/100000."""
    return chunk(b"gAMA", struct.pack(">I", gamma))


def chrm(numbers: tuple[int, ...] = P3) -> bytes:
    """Return cHRM."""
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    """Return cICP."""
    return chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


def iccp(profile: bytes, method: int = 0) -> bytes:
    """Return iCCP."""
    return chunk(b"iCCP", b"name\0" + bytes([method]) + zlib.compress(profile))


def key(*tones: int) -> bytes:
    """Return tRNS with a color key."""
    return chunk(b"tRNS", struct.pack(f">{len(tones)}H", *tones))


def animation(frames: int, *before: bytes, after: End) -> bytes:
    """Return an animation of ``ORANGE`` as default image."""
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    return png(bytes(ORANGE), 2, 8, control, *before, after=after)


def frame(number: int, left: int = 0, top: int = 0, width: int = SIDE, height: int = SIDE) -> bytes:
    """Return fcTL, of 1 second."""
    return chunk(b"fcTL", struct.pack(">5I2H2B", number, width, height, left, top, 100, 100, 0, 0))


def pixels(number: int, color: tuple[int, int, int] | None) -> bytes:
    """Return fdAT of one color, or with broken data."""
    rows = (b"\0" + bytes(color) * SIDE) * SIDE if color else b""
    return chunk(b"fdAT", struct.pack(">I", number) + (zlib.compress(rows) if rows else b"broken"))
