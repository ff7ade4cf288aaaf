"""Animated PNG: whether its frames are valid, before the file is opened.

Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/.
"""

import struct

from processor.images.decode.png_chunks import Chunk, chunks, layout, written

ANIMATION = (b"acTL", b"fcTL", b"fdAT")


def count_frames(file: bytes, *, is_cut: bool = False) -> int:
    """Return the frames of an animation; 0 for a still image or an animation with an error.

    An animation with an error shows its default image, as the specification recommends. If the
    file was completed because it ends early (``is_cut``), its last frame may have no pixels.
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
            return found.count if found.has_data else (found.count - 1) * is_cut
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


class _Frames:
    """The frames that have been read so far."""

    def __init__(self, file: bytes) -> None:
        self.count = 0
        self.has_data = True
        """Whether the last frame has any."""
        self._file = file
        self._sequence = 0
        """Number of the next chunk (11.3.6)."""
        self._has_default = False
        """Whether the default image has been read."""

    def accept(self, chunk: Chunk) -> bool:
        """Read the next chunk; returns whether it is valid."""
        match chunk.kind:
            case b"IDAT":
                self._has_default = self.has_data = True
            case b"fcTL":
                if not self.has_data or not self._is_frame(chunk):
                    return False
                self.count, self._sequence, self.has_data = (
                    self.count + 1,
                    self._sequence + 1,
                    False,
                )
            case b"fdAT":
                number = int.from_bytes(chunk.data(self._file, 4))
                if not (self.count and self._has_default) or number != self._sequence:
                    return False
                self._sequence, self.has_data = self._sequence + 1, True
                return chunk.length >= 4
        return True

    def _is_frame(self, chunk: Chunk) -> bool:
        """Whether a fcTL chunk is valid (11.3.6.2).

        A frame before the default image is that image, and covers the whole canvas.
        """
        if chunk.length != 26 or not chunk.is_intact(self._file):
            return False
        number, width, height, left, top, _delay, disposal, blending = struct.unpack(
            ">6I2B", chunk.data(self._file)
        )
        canvas = layout(self._file)
        if number != self._sequence or disposal > 2 or blending > 1 or not (width and height):
            return False
        if self._has_default:
            return bool(left + width <= canvas.width and top + height <= canvas.height)
        return bool((left, top, width, height) == (0, 0, canvas.width, canvas.height))
