"""The alpha of lossy WebP, compressed in one pass.

libwebp compresses the alpha of most photographs twice, unfiltered and with the filter that it
estimates to be best, in more time than it takes for the colors. Here, a trial on a few rows finds
the filter. Sections are those of RFC 9649 (WebP).
"""

import struct
from collections.abc import Iterator

from PIL import Image, ImageChops

from processor.images.encode.saving import saved

FILTERS = ("none", "horizontal", "vertical", "gradient")
"""By their numbers (section 2.7.1.2, ALPH, field F)."""
COMPRESSED = 1
"""Field C: lossless compression."""
VP8L_HEADER = 5
"""Bytes of the signature, size and version (section 3.4), which ALPH's stream omits."""

BANDS, BAND_ROWS = 4, 16
"""Bands of rows that the trial compresses, and the rows of each."""
FEW_TONES = 16
"""Tones up to which no filter is best: they are stored as a palette. libwebp's bound."""

Chunk = tuple[bytes, bytes]
"""Name and data."""


def with_alpha(file: bytes, alpha: Image.Image, effort: int) -> bytes:
    """Return a lossy still WebP with ``alpha`` in place of its own alpha, if it has one.

    ``effort`` is libwebp's method, 0 to 6.
    """
    if b"ALPH" not in (kind for kind, _ in _chunks(file)):
        return file
    parts = [
        (kind, _compressed(alpha, effort) if kind == b"ALPH" else data)
        for kind, data in _chunks(file)
    ]
    body = b"WEBP" + b"".join(_chunk(*part) for part in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunks(file: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a file (section 2.3)."""
    place = 12
    while place < len(file):
        size = int.from_bytes(file[place + 4 : place + 8], "little")
        yield file[place : place + 4], file[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _compressed(alpha: Image.Image, effort: int) -> bytes:
    """Return an ALPH chunk's data."""
    name = _best_filter(alpha)
    stream = _lossless(_filtered(alpha, name), effort)
    return bytes([FILTERS.index(name) << 2 | COMPRESSED]) + stream


def _lossless(plane: Image.Image, effort: int) -> bytes:
    """Return the plane as the green of a lossless stream, with libwebp's settings for alpha."""
    black = Image.new("L", plane.size)
    image = Image.merge("RGB", (black, plane, black))
    file = saved(image, "WEBP", lossless=True, method=effort, quality=8 * effort)
    return next(data for kind, data in _chunks(file) if kind == b"VP8L")[VP8L_HEADER:]


def _best_filter(alpha: Image.Image) -> str:
    if alpha.getcolors(FEW_TONES):
        return "none"
    sizes = {name: len(_lossless(_bands(_filtered(alpha, name)), 0)) for name in FILTERS}
    return min(FILTERS, key=lambda name: sizes[name])


def _bands(plane: Image.Image) -> Image.Image:
    """Return rows from several places: a single one may be opaque."""
    if plane.height <= BANDS * BAND_ROWS:
        return plane
    stack = Image.new("L", (plane.width, BANDS * BAND_ROWS))
    for number in range(BANDS):
        top = (plane.height - BAND_ROWS) * (2 * number + 1) // (2 * BANDS)
        rows = plane.crop((0, top, plane.width, top + BAND_ROWS))
        stack.paste(rows, (0, number * BAND_ROWS))
    return stack


def _filtered(alpha: Image.Image, name: str) -> Image.Image:
    """Return the differences of all pixels from their predictions (section 2.7.1.2)."""
    if name == "none":
        return alpha
    above, left = _shifted(alpha, 0, 1), _shifted(alpha, 1, 0)
    # The first row is predicted from the left, the first column from above.
    above.paste(left.crop((0, 0, alpha.width, 1)))
    left.paste(above.crop((0, 0, 1, alpha.height)))
    if name == "vertical":
        return ImageChops.subtract_modulo(alpha, above)
    if name == "horizontal":
        return ImageChops.subtract_modulo(alpha, left)
    corner = _shifted(alpha, 1, 1)
    corner.paste(left.crop((0, 0, alpha.width, 1)))
    corner.paste(above.crop((0, 0, 1, alpha.height)))
    # One of the two differences is zero, so each sum is clipped as the whole is.
    rising, falling = ImageChops.subtract(above, corner), ImageChops.subtract(corner, above)
    predicted = ImageChops.subtract(ImageChops.add(left, rising), falling)
    return ImageChops.subtract_modulo(alpha, predicted)


def _shifted(plane: Image.Image, x: int, y: int) -> Image.Image:
    moved = Image.new("L", plane.size)
    moved.paste(plane, (x, y))
    return moved
