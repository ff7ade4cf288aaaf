"""What has to be known of a GIF file before it is opened: Pillow makes room for its frames then."""

import re
from typing import NamedTuple

IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
COMMENT, APPLICATION = 0xFE, 0xFF
LOOP = b"NETSCAPE2.0"
BLOCK = re.compile(rb"[\x21\x2c\x3b]")
"""How an extension, a picture or the end begins; other bytes between blocks are passed over."""


class Extent(NamedTuple):
    """What a file takes."""

    frames: int
    """Pictures it holds."""
    width: int
    """Of the box, in pixels, around all frames: they may stand over the canvas."""
    height: int


def measure(data: bytes, enough: int) -> Extent:
    """Look at all frames; stops when there are more than ``enough``.

    Source: W3C, Graphics Interchange Format, version 89a. What breaks its rules is read as Pillow
    reads it, so that no frame is seen there and not here.
    """
    width, height = _pair(data, 6)
    frames = 0
    place = 13 + _table(data, 10)
    while place < len(data) and frames <= enough:
        block = data[place]
        if block == IMAGE:
            frames += 1
            left, top = _pair(data, place + 1)
            across, down = _pair(data, place + 5)
            width, height = max(width, left + across), max(height, top + down)
            # Descriptor, table of colors, code size; then the pixels.
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
    """Two numbers of 16 bits."""
    both = int.from_bytes(data[at : at + 4], "little")
    return both & 0xFFFF, both >> 16


def _table(data: bytes, at: int) -> int:
    """Bytes of the table of colors whose presence and size the flags at ``at`` tell."""
    flags = data[at] if at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_extension(data: bytes, place: int, *, is_first: bool) -> int:
    """The place after an extension, whose label is at ``place``.

    Pillow takes one block (of the loop extension, two) without asking whether it ends the chain.
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
    """The place after one data block, which is led by its length."""
    return place + 1 + (data[place] if place < len(data) else 0)


def _after_blocks(data: bytes, place: int) -> int:
    """The place after a chain of data blocks; an empty one ends it."""
    end = len(data)
    while place < end and (length := data[place]):
        place += length + 1
    return place + 1
