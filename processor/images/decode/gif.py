"""Frame count and extent of a GIF, read before Pillow opens it and allocates its frames."""

import re
from typing import NamedTuple

IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
COMMENT, APPLICATION = 0xFE, 0xFF
LOOP = b"NETSCAPE2.0"
BLOCK = re.compile(rb"[\x21\x2c\x3b]")
"""First byte of an extension, an image or the trailer; other bytes between blocks are skipped."""


class Extent(NamedTuple):
    """Frames of a file, and the size of the box around them."""

    frames: int
    width: int
    """Pixels, of the box around all frames: they may extend beyond the canvas."""
    height: int


def measure(data: bytes, max_frames: int) -> Extent:
    """Measure all frames; stops after more than ``max_frames``.

    Source: W3C, Graphics Interchange Format, version 89a. Invalid files are read as Pillow reads
    them, which finds the same frames.
    """
    width, height = _pair(data, 6)
    frames = 0
    place = 13 + _table(data, 10)
    while place < len(data) and frames <= max_frames:
        block = data[place]
        if block == IMAGE:
            frames += 1
            left, top = _pair(data, place + 1)
            across, down = _pair(data, place + 5)
            width, height = max(width, left + across), max(height, top + down)
            # Descriptor, color table and code size, then the pixels.
            place = _after_blocks(data, place + 10 + _table(data, place + 9) + 1)
        elif block == EXTENSION:
            place = _after_extension(data, place + 1, is_first=frames == 0)
        elif block == TRAILER:
            break
        else:
            found = BLOCK.search(data, place)
            place = found.start() if found else len(data)
    return Extent(frames, width, height)


def _pair(data: bytes, at: int) -> tuple[int, int]:
    """Return two 16-bit numbers."""
    both = int.from_bytes(data[at : at + 4], "little")
    return both & 0xFFFF, both >> 16


def _table(data: bytes, at: int) -> int:
    """Return the bytes of the color table, from the flags at ``at``; 0 without one."""
    flags = data[at] if at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_extension(data: bytes, place: int, *, is_first: bool) -> int:
    """Return the offset after an extension whose label is at ``place``.

    As Pillow does, this skips one block (two of the loop extension) even if it ends the chain.
    """
    label = data[place] if place < len(data) else COMMENT
    place += 1
    if label == COMMENT:
        return _after_blocks(data, place)
    is_loop = is_first and label == APPLICATION and data.startswith(LOOP, place + 1)
    place = _after_block(data, place)
    if is_loop:
        place = _after_block(data, place)
    return _after_blocks(data, place)


def _after_block(data: bytes, place: int) -> int:
    """Return the offset after one data block, which starts with its length."""
    return place + 1 + (data[place] if place < len(data) else 0)


def _after_blocks(data: bytes, place: int) -> int:
    """Return the offset after a chain of data blocks, which an empty one ends."""
    end = len(data)
    while place < end and (length := data[place]):
        place += length + 1
    return place + 1
