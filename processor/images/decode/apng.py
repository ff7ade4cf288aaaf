"""Animated PNG: frames, from its chunks; Pillow decodes single frames.

Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from PIL import Image

from processor.images.canvas import Canvas
from processor.images.decode import png, png_part
from processor.images.decode.animation import Disposal, Frame
from processor.images.decode.png_chunks import chunks, written
from processor.images.decode.png_stream import load_fast
from processor.images.steps.standardize import standardize

DISPOSALS: tuple[Disposal, ...] = ("keep", "clear", "previous")
"""Section 11.3.6.2, "dispose_op"."""

FRAME_CONTROL = struct.Struct(">4xIIIIHHBB")
"""Section 11.3.6.2: width, height, left, top, delay's numerator and denominator, dispose, blend."""

COLORS = (b"PLTE", b"tRNS")
"""Chunks of the file that every frame's pixels need."""


class _Control(NamedTuple):
    """A frame control chunk."""

    width: int
    height: int
    left: int
    top: int
    numerator: int
    denominator: int
    disposal: int
    blend: int

    def check(self, header: bytes) -> None:
        """Raise ``ValueError`` for a frame that isn't within the canvas (section 11.3.6.2)."""
        width, height = struct.unpack_from(">II", header)
        across, down = self.left + self.width, self.top + self.height
        if not self.width or not self.height or across > width or down > height:
            raise ValueError(f"a frame of {self.width} x {self.height} pixels leaves the canvas")


def frames(data: bytes, *, is_cut: bool = False) -> Iterator[Frame]:
    """Yield all frames. Raises ``ValueError`` or ``struct.error`` for an invalid frame control.

    ``is_cut`` says that the last frame may lack rows.
    """
    view = memoryview(data)
    header = b""
    colors, parts = list[tuple[bytes, bytes]](), list[memoryview]()
    control: _Control | None = None
    is_first = True

    def frame(*, is_cut: bool = False) -> Frame:
        assert control is not None  # noqa: S101  # only called with one
        # Section 11.3.6.2: what the first frame would restore is transparent.
        disposal = DISPOSALS[control.disposal] if control.disposal < len(DISPOSALS) else "keep"
        return Frame(
            control.left, control.top, control.width, control.height,
            duration=round(1000 * control.numerator / (control.denominator or 100)),
            disposal="clear" if is_first and disposal == "previous" else disposal,
            is_blended=control.blend == 1 and not is_first,
            load=partial(_decoded, header, tuple(colors), control, tuple(parts), is_cut=is_cut),
        )  # fmt: skip

    for chunk in chunks(data):
        kind, place = chunk.kind, chunk.start + 8
        end = place + chunk.length
        if kind == b"IHDR":
            header = data[place:end]
        elif kind in COLORS:
            colors.append((kind, data[place:end]))
        elif kind == b"fcTL":
            if control and parts:
                yield frame()
                is_first = False
            control, parts = _Control(*FRAME_CONTROL.unpack_from(data, place)), []
            control.check(header)
        elif kind == b"IDAT" and control:
            parts.append(view[place:end])
        elif kind == b"fdAT" and control:
            parts.append(view[place + 4 : end])
    if control and parts:
        yield frame(is_cut=is_cut)


def _decoded(
    header: bytes,
    colors: tuple[tuple[bytes, bytes], ...],
    control: _Control,
    parts: tuple[memoryview, ...],
    *,
    is_cut: bool,
) -> Image.Image:
    """Decode a frame, as an image of its own size."""
    size = struct.pack(">II", control.width, control.height)
    alone = [b"\x89PNG\r\n\x1a\n", written(b"IHDR", size + header[8:])]
    alone += [written(*color) for color in colors]
    alone += [written(b"IDAT", b"".join(parts)), written(b"IEND", b"")]
    file = b"".join(alone)
    image = Image.open(io.BytesIO(file), formats=("PNG",))
    png.prepare_key(image, file)
    try:
        load_fast(image)
        return standardize(Canvas((png.apply_wide_key(image, file),))).image
    except EOFError:
        if not is_cut:
            raise
    with suppress(EOFError):
        return png_part.decode_part(file)
    return Image.new("RGBA", image.size)
