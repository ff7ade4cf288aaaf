"""The pixel data of PNGs."""

import gc
import io
import struct
import weakref
import zlib
from itertools import product

import pytest
from PIL import Image

from processor.images import ImageError, open_source
from processor.images.decode.decoder import decode

SIDE = 61
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By color type; PNG (third edition), section 11.2.1."""
LAYOUTS = [
    (color, bits)
    for color, bits in product(CHANNELS, (1, 2, 4, 8, 16))
    if bits == 8 or color == 0 or (bits < 8 if color == 3 else bits == 16)
]


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(color: int, bits: int, *streams: bytes) -> bytes:
    """Return a PNG whose data is in as many chunks as there are ``streams``."""
    header = struct.pack(">IIBBBBB", SIDE, SIDE, bits, color, 0, 0, 0)
    chunks = [chunk(b"IHDR", header)]
    if color == 3:
        chunks.append(chunk(b"PLTE", bytes(n * 7 % 256 for n in range(3 << bits))))
    chunks += [chunk(b"IDAT", data) for data in streams]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def rows(color: int, bits: int) -> bytes:
    """Return rows with all filters."""
    length = (SIDE * CHANNELS[color] * bits + 7) // 8
    return b"".join(
        bytes([row % 5, *((row * 31 + place * place) % 256 for place in range(length))])
        for row in range(SIDE)
    )


def decoded(data: bytes) -> Image.Image:
    """Return the decoded image, not resized."""
    return decode(open_source(data), 1.0).image


def test_pixels_are_freed_with_their_last_reference() -> None:
    """A decoded image needs no garbage collection, which may be long after."""
    image = decoded(png(2, 8, zlib.compress(rows(2, 8))))
    known = weakref.ref(image)
    gc.disable()
    try:
        del image
        assert known() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(("color", "bits"), LAYOUTS)
def test_pixels_are_those_that_pillow_inflates(color: int, bits: int) -> None:
    """Every color type and depth has the pixels that Pillow decodes alone."""
    data = png(color, bits, zlib.compress(rows(color, bits)))
    expected = Image.open(io.BytesIO(data))
    assert decoded(data).tobytes() == expected.tobytes()


def test_data_may_be_in_any_chunks() -> None:
    """Empty chunks and chunks of a byte are joined."""
    packed = zlib.compress(rows(2, 8))
    whole = decoded(png(2, 8, packed))
    split = decoded(png(2, 8, b"", packed[:1], b"", packed[1:2], packed[2:9], packed[9:]))
    assert split.tobytes() == whole.tobytes()


def test_a_wrong_checksum_of_the_data_is_no_damage() -> None:
    """A PNG is decoded if only the checksum at the end of its data is wrong, as in Chromium."""
    packed = zlib.compress(rows(2, 8))
    image = decoded(png(2, 8, packed[:-4] + b"\1\2\3\4"))
    assert image.tobytes() == decoded(png(2, 8, packed)).tobytes()


@pytest.mark.parametrize("kept", [0, 1, 2, 40, 4000])
def test_data_that_ends_early_is_truncated(kept: int) -> None:
    """Data that ends before the last row is reported as truncated."""
    with pytest.raises(ImageError) as raised:
        decoded(png(2, 8, zlib.compress(rows(2, 8))[:kept]))
    assert raised.value.code == "truncated"


@pytest.mark.parametrize("packed", [b"\x79\x01rubbish", b"\x78\x01\xff\xff\xff\xff", b"PNG"])
def test_data_that_is_no_zlib_stream_is_corrupt(packed: bytes) -> None:
    """Data that cannot be inflated is reported as corrupt."""
    with pytest.raises(ImageError) as raised:
        decoded(png(2, 8, packed))
    assert raised.value.code == "corrupt"


def test_data_beyond_the_last_row_is_passed_over() -> None:
    """An image whose data goes on after the last row is decoded."""
    data = rows(2, 8)
    image = decoded(png(2, 8, zlib.compress(data + bytes(1 << 20))))
    assert image.tobytes() == decoded(png(2, 8, zlib.compress(data))).tobytes()
