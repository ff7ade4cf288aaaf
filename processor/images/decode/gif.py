"""GIF: extent, frames and number of plays, from its blocks; Pillow decodes single frames.

Source: W3C, Graphics Interchange Format, version 89a.
"""

import io
import re
import struct
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from PIL import Image

from processor.images.decode.animation import MAX_PLAYS, Disposal, Frame

IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
GRAPHIC_CONTROL, APPLICATION = 0xF9, 0xFF
LOOPS = (b"\x0bNETSCAPE2.0\3\1", b"\x0bANIMEXTS1.0\3\1")
"""Application extensions with a number of repeats, up to it. No specification has them."""
BLOCK = re.compile(rb"[\x21\x2c\x3b]")
"""First byte of an extension, an image or the trailer; other bytes between blocks are skipped."""
DISPOSALS: dict[int, Disposal] = {2: "clear", 3: "previous", 4: "previous"}
"""Section 23, but for 4, which some encoders write for 3 and browsers take as such."""


class Extent(NamedTuple):
    """Frames of a file, and the size of the box around them."""

    frames: int
    width: int
    """Pixels, of the box around all frames: they may extend beyond the canvas."""
    height: int


def measure(data: bytes, max_frames: int) -> Extent:
    """Measure all frames; stops after more than ``max_frames``."""
    width, height = _pair(data, 6)
    frames = 0
    for kind, place, _ in _blocks(data):
        if kind == IMAGE:
            frames += 1
            (left, top), (across, down) = _pair(data, place + 1), _pair(data, place + 5)
            width, height = max(width, left + across), max(height, top + down)
        if frames > max_frames:
            break
    return Extent(frames, width, height)


def plays(data: bytes) -> int:
    """Return how often an animation is played; 0 means forever.

    The file stores the number of repeats, one less. Without it, an animation is played once.
    """
    for kind, place, _ in _blocks(data):
        if kind == APPLICATION and data.startswith(LOOPS, place + 2):
            repeats = _pair(data, place + 2 + len(LOOPS[0]))[0]
            return min(repeats + 1, MAX_PLAYS) if repeats else 0
    return 1


def frames(data: bytes) -> Iterator[Frame]:
    """Yield all frames."""
    control = b""
    for kind, place, end in _blocks(data):
        if kind == GRAPHIC_CONTROL:
            control = data[place + 3 : place + 7]
        elif kind == IMAGE:
            flags, delay, index = struct.unpack("<BHB", control.ljust(4, b"\0"))
            (left, top), (width, height) = _pair(data, place + 1), _pair(data, place + 5)
            transparent = index if flags & 1 else None
            yield Frame(
                left, top, width, height,
                duration=10 * delay,
                disposal=DISPOSALS.get(flags >> 2 & 7, "keep"),
                is_blended=True,
                load=partial(_decoded, data, place, end, transparent),
            )  # fmt: skip
            control = b""


def _decoded(data: bytes, place: int, end: int, transparent: int | None) -> Image.Image:
    """Decode the frame between two offsets, as an image of its own size."""
    size = data[place + 5 : place + 9]
    table = data[10 : 13 + _table(data, 10)]
    alone = (b"GIF89a", size, table, b"\x2c\0\0\0\0", data[place + 5 : end], b"\x3b")
    image = Image.open(io.BytesIO(b"".join(alone)), formats=("GIF",))
    image.load()
    if transparent is not None:
        image.info["transparency"] = transparent
    return image


def _blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the blocks up to the trailer, with their offsets and those after them.

    The kind of an extension is its label, of an image ``IMAGE``.
    """
    place = 13 + _table(data, 10)
    while place < len(data):
        start, block = place, data[place]
        if block == IMAGE:
            # Descriptor, color table and code size, then the pixels.
            place = _after_blocks(data, place + 10 + _table(data, place + 9) + 1)
            yield IMAGE, start, place
        elif block == EXTENSION:
            place = _after_blocks(data, place + 2)
            yield data[start + 1] if start + 1 < len(data) else 0, start, place
        elif block == TRAILER:
            return
        else:
            found = BLOCK.search(data, place)
            place = found.start() if found else len(data)


def _pair(data: bytes, at: int) -> tuple[int, int]:
    """Return two 16-bit numbers."""
    both = int.from_bytes(data[at : at + 4], "little")
    return both & 0xFFFF, both >> 16


def _table(data: bytes, at: int) -> int:
    """Return the bytes of the color table, from the flags at ``at``; 0 without one."""
    flags = data[at] if at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int) -> int:
    """Return the offset after a chain of data blocks, which an empty one ends."""
    end = len(data)
    while place < end and (length := data[place]):
        place += length + 1
    return place + 1
