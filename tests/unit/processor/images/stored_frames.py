"""GIF and PNG animations, written frame by frame as they are stored."""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

PALETTE = ((0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255))
NOTHING, RED, GREEN, BLUE = range(4)
"""Colors of the palette; ``NOTHING`` is the transparent one of a frame that has one."""

CLEAR, END, RUN = b"\x80", b"\x81", 100
"""LZW codes for 7-bit colors, and colors up to which a code has 8 bits."""

Box = tuple[int, int, int, int]


class Stored(NamedTuple):
    """A frame of one color in a box (left, top, width, height)."""

    color: int
    box: Box = (0, 0, 24, 16)
    disposal: int = 0
    """GIF's number of the method, or APNG's."""
    delay: int = 10
    """Hundredths of a second."""
    hole: bool = False
    """Whether the left half is transparent."""
    blend: int = 0
    """APNG's number."""

    @property
    def rows(self) -> list[bytes]:
        """The indexes of the pixels."""
        _, _, width, height = self.box
        half = width // 2 if self.hole else 0
        return [bytes([NOTHING] * half + [self.color] * (width - half))] * height


def gif(
    frames: Sequence[Stored],
    size: tuple[int, int] = (24, 16),
    repeats: int | None = 0,
    background: int = GREEN,
    application: bytes = b"NETSCAPE2.0",
) -> bytes:
    """Return a GIF, without a loop extension if ``repeats`` is None."""
    data = b"GIF89a" + struct.pack("<HHBBB", *size, 0b10000001, background, 0)
    data += bytes(tone for color in PALETTE for tone in color)
    if repeats is not None:
        data += b"\x21\xff\x0b" + application + b"\3\1" + struct.pack("<HB", repeats, 0)
    for frame in frames:
        flags = frame.disposal << 2 | frame.hole
        data += b"\x21\xf9\4" + struct.pack("<BHBB", flags, frame.delay, NOTHING, 0)
        data += b"\x2c" + struct.pack("<HHHHB", *frame.box, 0) + b"\7" + lzw(b"".join(frame.rows))
    return data + b"\x3b"


def lzw(pixels: bytes) -> bytes:
    """Return colors below 128 as data blocks, uncompressed: every code has 8 bits."""
    codes = b"".join(CLEAR + pixels[at : at + RUN] for at in range(0, len(pixels), RUN)) + END
    blocks = (codes[at : at + 255] for at in range(0, len(codes), 255))
    return b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def apng(
    frames: Sequence[Stored],
    size: tuple[int, int] = (24, 16),
    plays: int = 0,
    alphas: Sequence[int] = (0, 255, 255, 255),
    *,
    color_type: int = 6,
    is_default_a_frame: bool = True,
) -> bytes:
    """Return an animated PNG of color type 2 or 6; ``alphas`` are those of the palette's colors."""
    data = b"\x89PNG\r\n\x1a\n"
    data += chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, color_type, 0, 0, 0))
    data += chunk(b"acTL", struct.pack(">II", len(frames), plays))
    colors = [bytes((*color, alpha)) for color, alpha in zip(PALETTE, alphas, strict=True)]
    channels = 4 if color_type == 6 else 3

    def compressed(rows: Sequence[bytes]) -> bytes:
        filtered = (b"\0" + b"".join(colors[each][:channels] for each in row) for row in rows)
        return zlib.compress(b"".join(filtered))

    if not is_default_a_frame:
        data += chunk(b"IDAT", compressed(Stored(BLUE, (0, 0, *size)).rows))
    sequence = 0
    for frame in frames:
        left, top, width, height = frame.box
        shape = struct.pack(">IIIII", sequence, width, height, left, top)
        how = struct.pack(">HHBB", frame.delay, 100, frame.disposal, frame.blend)
        data += chunk(b"fcTL", shape + how)
        sequence += 1
        if frame is frames[0] and is_default_a_frame:
            data += chunk(b"IDAT", compressed(frame.rows))
        else:
            data += chunk(b"fdAT", struct.pack(">I", sequence) + compressed(frame.rows))
            sequence += 1
    return data + chunk(b"IEND", b"")
