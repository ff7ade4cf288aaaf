"""PNG files that end before the image does: the part that browsers show.

Sections are those of PNG (third edition), https://www.w3.org/TR/png-3/.
"""

import io
from collections.abc import Iterator

from PIL import Image

from processor.images.decode import png
from processor.images.decode.partial import Pass, with_passes, with_rows
from processor.images.decode.png_chunks import CHANNELS, Layout, chunks, layout
from processor.images.decode.png_stream import count_inflated, load_fast

PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # fmt: skip
"""Left, top, and distances of the pixels of each pass (8.1)."""
WHOLE = ((0, 0, 1, 1),)
BLOCKS = ((8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2), (1, 1))
"""Size of the blocks that have a known pixel each after a pass."""


def decode_part(file: bytes) -> Image.Image:
    """Decode a still image whose data may end early.

    Raises ``EOFError`` if it has no complete row.
    """
    image = Image.open(io.BytesIO(file), formats=("PNG",))
    data = (chunk.data(file) for chunk in chunks(file) if chunk.kind == b"IDAT")
    passes = list(_decoded(layout(file), count_inflated(data)))
    if not passes:
        raise EOFError("no row of pixels is complete")
    size = sum(row * rows for row, rows in _sizes(layout(file)))
    png.prepare_key(image, file)
    load_fast(image, size)
    keyed = png.apply_wide_key(image, file, size)
    if passes[-1] == (image.height, *BLOCKS[-1]):
        return keyed
    if layout(file).is_interlaced:
        return with_passes(keyed, passes)
    return with_rows(keyed, 0, passes[0].rows)


def _sizes(header: Layout) -> Iterator[tuple[int, int]]:
    """Yield the bytes of a row, with its filter, and the number of rows, of each pass."""
    bits = header.bits * CHANNELS[header.color_type]
    for left, top, across, down in PASSES if header.is_interlaced else WHOLE:
        columns = -(-(header.width - left) // across)
        rows = -(-(header.height - top) // down)
        yield 1 + -(-columns * bits // 8), rows if columns > 0 else 0


def _decoded(header: Layout, count: int) -> Iterator[Pass]:
    """Yield the passes that have at least a row in ``count`` bytes of rows."""
    passes, blocks = (PASSES, BLOCKS) if header.is_interlaced else (WHOLE, BLOCKS[-1:])
    for (row, rows), (_, _, _, down), block in zip(_sizes(header), passes, blocks, strict=True):
        present = min(rows, count // row)
        if present:
            yield Pass(header.height if present == rows else present * down, *block)
        if present < rows:
            return
        count -= rows * row
