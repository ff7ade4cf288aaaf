"""Animated PNG: whether its frames are valid, before the file is opened.

Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/.
"""

import struct
from dataclasses import dataclass

from processor.images.decode.png_chunks import Chunk, chunks, layout, written

ANIMATION = (b"acTL", b"fcTL", b"fdAT")


def count_frames(file: bytes) -> int:
    """Return the frames of an animation; 0 for a still image or an animation with an error.

    An animation with an error shows its default image, as the specification recommends. In a file
    that ends early, the frames are those that it announces.
    """
    announced, found = 0, _Frames(file)
    for chunk in chunks(file):
        if chunk.kind == b"acTL" and not announced:
            announced = int.from_bytes(chunk.data(file, 4))
            if chunk.length != 8 or not chunk.is_intact(file):
                return 0
        elif chunk.kind == b"IDAT" and not announced:
            return 0
        elif chunk.kind == b"IEND":
            return found.count if found.has_data else 0
        elif not found.accept(chunk):
            return 0
    return announced


def replacement(file: bytes, chunk: Chunk, frames: int, *, is_first: bool) -> bytes | None:
    """Return what replaces a chunk of an animation of ``frames``; None if it stays as it is."""
    if not frames:
        return b""
    if chunk.kind != b"acTL":
        return None
    if not is_first:
        return b""
    if int.from_bytes(chunk.data(file, 4)) == frames:
        return None
    return written(b"acTL", struct.pack(">I", frames) + chunk.data(file)[4:])


@dataclass(slots=True)
class _Frames:
    """The frames that have been read so far."""

    file: bytes
    count: int = 0
    sequence: int = 0
    """Number of the next chunk (11.3.6)."""
    has_data: bool = True
    """Whether the last frame has any."""
    has_default: bool = False
    """Whether the default image has been read."""

    def accept(self, chunk: Chunk) -> bool:
        """Read the next chunk; returns whether it is valid."""
        match chunk.kind:
            case b"IDAT":
                self.has_default = self.has_data = True
            case b"fcTL":
                if not self.has_data or not self._is_frame(chunk):
                    return False
                self.count, self.sequence, self.has_data = self.count + 1, self.sequence + 1, False
            case b"fdAT":
                number = int.from_bytes(chunk.data(self.file, 4))
                if not (self.count and self.has_default) or number != self.sequence:
                    return False
                self.sequence, self.has_data = self.sequence + 1, True
                return chunk.length >= 4
        return True

    def _is_frame(self, chunk: Chunk) -> bool:
        """Whether a fcTL chunk is valid (11.3.6.2).

        A frame before the default image is that image, and covers the whole canvas.
        """
        if chunk.length != 26 or not chunk.is_intact(self.file):
            return False
        number, width, height, left, top, _delay, disposal, blending = struct.unpack(
            ">6I2B", chunk.data(self.file)
        )
        canvas = layout(self.file)
        if number != self.sequence or disposal > 2 or blending > 1 or not (width and height):
            return False
        if self.has_default:
            return bool(left + width <= canvas.width and top + height <= canvas.height)
        return bool((left, top, width, height) == (0, 0, canvas.width, canvas.height))
