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
from processor.images.decode.partial import Pass, loaded, with_passes, with_rows

IMAGE, EXTENSION, TRAILER = 0x2C, 0x21, 0x3B
GRAPHIC_CONTROL, APPLICATION = 0x21F9, 0x21FF
"""First two bytes of extensions."""
LOOPS = (b"\x0bNETSCAPE2.0\3\1", b"\x0bANIMEXTS1.0\3\1")
"""Application extensions with a number of repeats, up to it. No specification has them."""
BLOCK = re.compile(rb"[\x21\x2c\x3b]")
"""First byte of an extension, an image or the trailer; other bytes between blocks are skipped."""
DISPOSALS: dict[int, Disposal] = {2: "clear", 3: "previous", 4: "previous"}
"""Section 23, but for 4, which some encoders write for 3 and browsers take as such."""
INTERLACED = 0x40
"""Flag of an image descriptor (section 20)."""
PASSES = ((0, 8), (4, 8), (2, 4), (1, 2))
"""First row, and distance of rows, of each pass of an interlaced image (appendix E)."""


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


def is_complete(data: bytes) -> bool:
    """Whether no block is missing at the end."""
    return any(kind == TRAILER for kind, _, _ in _blocks(data))


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
    stored = data[place + 5 : end] if end <= len(data) else _up_to_end(data, place)
    file = b"".join((b"GIF89a", size, table, b"\x2c\0\0\0\0", stored, b"\x3b"))
    if end > len(data):
        return _decoded_part(file, transparent, is_interlaced=bool(data[place + 9] & INTERLACED))
    image = Image.open(io.BytesIO(file), formats=("GIF",))
    image.load()
    if transparent is not None:
        image.info["transparency"] = transparent
    return image


def _up_to_end(data: bytes, place: int) -> bytes:
    """Return an image that the file has in part, from its size on, with its last block closed.

    Pillow decodes whole blocks.
    """
    start, end = _pixels(data, place), len(data)
    while start < end and start + data[start] < end:
        start += data[start] + 1
    cut = data[start + 1 :]
    return data[place + 5 : start] + (bytes([len(cut)]) + cut if cut else b"") + b"\0"


def _decoded_part(file: bytes, transparent: int | None, *, is_interlaced: bool) -> Image.Image:
    """Decode the rows that there are of a frame; the rest is transparent."""
    # Rows that are decoded don't depend on what was there before.
    image, other = (_over(file, index) for index in (0, 255))
    pairs = zip(_rows(image), _rows(other), strict=True)
    rows = sum(one == two for one, two in pairs)
    if transparent is not None:
        image.info["transparency"] = transparent
    if is_interlaced:
        return with_passes(image, _passes(image.height, rows))
    return with_rows(image, 0, rows)


def _over(file: bytes, index: int) -> Image.Image:
    """Return the rows that Pillow decodes before the file ends, and else one color's index."""
    image = Image.open(io.BytesIO(file), formats=("GIF",))
    image.im = Image.new("L", image.size, index).convert(image.mode).im
    return loaded(image)


def _rows(image: Image.Image) -> Iterator[bytes]:
    """Yield the indexes of each row."""
    for row in range(image.height):
        yield image.crop((0, row, image.width, row + 1)).tobytes()


def _passes(height: int, rows: int) -> Iterator[Pass]:
    """Yield the passes that have at least one of ``rows``."""
    for (top, down), block in zip(PASSES, (8, 4, 2, 1), strict=True):
        whole = len(range(top, height, down))
        if present := min(rows, whole):
            yield Pass(height if present == whole else present * down, 1, block)
        if present < whole:
            return
        rows -= whole


def _blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the blocks, with their offsets and those after them.

    The kind of an extension is its first two bytes, of others the first. An image that ends before
    its pixels is omitted.
    """
    place = 13 + _table(data, 10)
    while place < len(data):
        start, block = place, data[place]
        if block == IMAGE:
            pixels = _pixels(data, place)
            place = _after_blocks(data, pixels)
            if pixels < len(data):
                yield IMAGE, start, place
        elif block == EXTENSION:
            place = _after_blocks(data, place + 2)
            yield int.from_bytes(data[start : start + 2]), start, place
        elif block == TRAILER:
            yield TRAILER, start, place + 1
            return
        else:
            found = BLOCK.search(data, place)
            place = found.start() if found else len(data)


def _pixels(data: bytes, place: int) -> int:
    """Return the offset of an image's pixels, after descriptor, color table and code size."""
    return place + 10 + _table(data, place + 9) + 1


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
