"""Every pixel type of a file, from the file to its renditions."""

import struct
import zlib

import pytest
from PIL import Image

from processor.images.recipe import Png, Recipe, Rendition, Resize
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    quarters,
    render_file,
)


def made(data: bytes, *renditions: Rendition) -> list[Image.Image]:
    """Return the renditions of a file, as images."""
    return [decoded(each.data) for each in render_file(data, Recipe(list(renditions))).renditions]


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


# Red rises and blue falls from left to right; Pillow writes none such.
SIXTEEN_BITS = (
    b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, 16, 2, 0, 0, 0))
    + png_chunk(
        b"IDAT",
        zlib.compress(
            b"\0"
            + b"".join(
                struct.pack(">HHH", x * 0x4000, 0x4000, 0xFFFF - x * 0x4000) for x in range(4)
            )
        ),
    )
    + png_chunk(b"IEND", b"")
)


@pytest.mark.parametrize(
    ("mode", "format_name"),
    [
        ("1", "PNG"), ("L", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "PNG"), ("P", "GIF"),
        ("RGB", "TIFF"), ("RGBA", "PNG"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("I;16", "PNG"),
        ("I;16", "TIFF"), ("I;16B", "TIFF"), ("I", "TIFF"), ("LAB", "TIFF"), ("PA", "TIFF"),
    ],
)  # fmt: skip
def test_every_kind_of_pixel(mode: str, format_name: str) -> None:
    """Renditions look like the file, whatever its pixel type."""
    if mode.startswith("I"):
        seen = quarters(mode="L")
        image = seen.convert("I").point(lambda tone: tone * 257)
        image = image if mode == "I" else image.convert("I;16")
        if mode == "I;16B":
            swapped = bytearray(image.tobytes())
            swapped[::2], swapped[1::2] = swapped[1::2], swapped[::2]
            image = Image.frombytes(mode, image.size, bytes(swapped))
    else:
        image = (
            quarters().convert("L").convert(mode) if mode in ("1", "LA") else quarters(mode=mode)
        )
        seen = image
    small, whole = made(
        encoded(image, format_name),
        Rendition("small", Png(), resize=Resize(width=60)),
        Rendition("whole", Png()),
    )
    expected = seen.convert("RGB")
    assert_similar(whole.convert("RGB"), expected, 5)
    small_expected = expected.resize((60, 40), Image.Resampling.LANCZOS)
    assert_similar(small.convert("RGB"), small_expected, 12)


def test_sixteen_bits_of_color() -> None:
    """A PNG with 16 bits a channel keeps its tones."""
    (image,) = made(SIXTEEN_BITS, Rendition("a", Png()))
    pixels = [image.convert("RGB").getpixel((x, 0)) for x in range(4)]
    for x, seen in enumerate(pixels):
        assert seen == pytest.approx((x * 0x40, 0x40, 255 - x * 0x40), abs=1)
