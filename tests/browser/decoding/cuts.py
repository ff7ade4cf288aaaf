"""Files that end before the image does, of the formats of which Chromium then shows a part."""

import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from processor.images.decode.png_part import PASSES
from tests.browser.decoding.matrix import File, png, saved
from tests.fuzz.seeds import chunk

PARTS = (0.02, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
SIZE = (37, 29)


def cut_files() -> Iterator[File]:
    """Yield each file cut at several places."""
    for name, data in _whole():
        for length in (*(int(part * len(data)) for part in PARTS), len(data) - 1):
            yield f"{name} {length}", data[:length]


def _whole() -> Iterator[File]:
    noise = Image.frombytes("RGB", SIZE, random.Random(1).randbytes(3 * SIZE[0] * SIZE[1]))
    image = Image.blend(Image.linear_gradient("L").resize(SIZE).convert("RGB"), noise, 0.3)
    clear = image.copy()
    clear.putalpha(Image.linear_gradient("L").rotate(90).resize(SIZE))
    for mode in ("1", "L", "P", "RGB"):
        yield f"PNG {mode}", saved(image.convert(mode), "PNG")
        yield f"BMP {mode}", saved(image.convert(mode), "BMP")
    yield "PNG RGBA", saved(clear, "PNG")
    yield "PNG interlaced", _interlaced(image)
    for kind, bits in ((0, 16), (2, 8), (2, 16), (3, 4)):
        yield f"PNG {kind} {bits} keyed", png(kind, bits, (), keyed=True)
    rows = saved(image, "BMP")
    yield "BMP top-down", rows[:22] + struct.pack("<i", -SIZE[1]) + rows[26:]
    for interlace in (0, 1):
        yield f"GIF {interlace}", saved(image.convert("P"), "GIF", interlace=interlace)
    yield "GIF RGBA", saved(clear, "GIF")


def _interlaced(image: Image.Image) -> bytes:
    rows = b""
    for left, top, across, down in PASSES:
        for y in range(top, image.height, down):
            colors = (image.getpixel((x, y)) for x in range(left, image.width, across))
            rows += b"\0" + b"".join(bytes(color) for color in colors)  # type: ignore[arg-type]
    header = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 1)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
