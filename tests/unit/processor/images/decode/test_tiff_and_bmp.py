"""TIFF and BMP layouts that Pillow reads wrongly or not at all."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.images.decode import bmp, tiff
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.recipe import Png, Recipe, Rendition
from tests.unit.processor.images.sample_images import decoded, encoded, quarters, render_file

SHORT, LONG = 3, 4
KINDS = {SHORT: "H", LONG: "I"}


def tiff_file(pixels: bytes, width: int, order: str = "<", **tags: tuple[int, ...]) -> bytes:
    """Return an uncompressed TIFF of one row; ``tags`` are named ``t258`` and so on."""
    numbers = {int(name[1:]): values for name, values in tags.items()}
    planes = numbers.get(277, (1,))[0] if numbers.get(284) == (2,) else 1
    count = len(pixels) // planes
    defaults: dict[int, tuple[int, ...]] = {
        256: (width,), 257: (1,), 258: (8,), 259: (1,), 262: (1,), 277: (1,), 278: (1,),
        273: tuple(8 + plane * count for plane in range(planes)), 279: (count,) * planes,
    }  # fmt: skip
    entries = sorted((defaults | numbers).items())
    start = 8 + len(pixels)
    extra = start + 2 + 12 * len(entries) + 4
    directory, tail = struct.pack(order + "H", len(entries)), b""
    for tag, values in entries:
        kind = LONG if tag in (273, 279) else SHORT
        raw = struct.pack(order + KINDS[kind] * len(values), *values)
        field = raw.ljust(4, b"\0")
        if len(raw) > 4:
            field = struct.pack(order + "I", extra + len(tail))
            tail += raw
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + field
    header = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", start)
    return header + pixels + directory + bytes(4) + tail


def shown(data: bytes) -> list[tuple[int, ...]]:
    """Return the pixels of a PNG rendition's first row, as RGBA."""
    recipe = Recipe([Rendition("a", Png())], analysis=False)
    image = decoded(render_file(data, recipe).renditions[0].data).convert("RGBA")
    return [image.getpixel((x, 0)) for x in range(image.width)]  # type: ignore[misc]


def grays(*tones: int) -> list[tuple[int, ...]]:
    """Return opaque gray pixels."""
    return [(tone, tone, tone, 255) for tone in tones]


@pytest.mark.parametrize("order", ["<", ">"])
def test_negatives_of_16_bits(order: str) -> None:
    """0 is white and 65535 black if the file says so, in both byte orders."""
    pixels = struct.pack(order + "3H", 0, 0x8000, 0xFFFF)
    assert shown(tiff_file(pixels, 3, order, t262=(0,), t258=(16,))) == grays(255, 127, 0)
    assert shown(tiff_file(pixels, 3, order, t262=(1,), t258=(16,))) == grays(0, 128, 255)


def test_negatives_of_8_bits() -> None:
    """Pillow's own inversion is not repeated; alpha is not inverted."""
    assert shown(tiff_file(b"\0\x40\xff", 3, t262=(0,))) == grays(255, 191, 0)
    two = tiff_file(b"\0\xff\x40\x80", 2, t262=(0,), t258=(8, 8), t277=(2,), t338=(2,))
    assert shown(two) == [(255, 255, 255, 255), (191, 191, 191, 128)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("values", "tones"),
    [
        ((0.0, 0.5, 1.0), (0, 127, 255)),
        ((0.0, 0.25, 0.5), (0, 63, 127)),
        ((0.0, 128.0, 255.0), (0, 128, 255)),
        ((-1.0, 0.0, 0.5), (0, 0, 127)),
    ],
)
def test_floating_point(order: str, values: tuple[float, ...], tones: tuple[int, ...]) -> None:
    """Tones from 0 to 1 are scaled, others are kept."""
    pixels = struct.pack(order + "3f", *values)
    assert shown(tiff_file(pixels, 3, order, t258=(32,), t339=(3,))) == grays(*tones)


def test_floating_point_negatives() -> None:
    """0.0 is white if the file says so."""
    pixels = struct.pack("<2f", 0, 1)
    assert shown(tiff_file(pixels, 2, t258=(32,), t339=(3,), t262=(0,))) == grays(255, 0)


def refused(data: bytes) -> ImageError:
    """Return the error for a file."""
    with pytest.raises(ImageError) as caught:
        shown(data)
    return caught.value


UNREADABLE = {
    "gray, 2 channels of 16 bits": tiff_file(
        bytes(16), 4, t258=(16, 16), t277=(2,), t338=(2,)
    ),
    "RGB, 3 channels of 16 bits in separate planes": tiff_file(
        bytes(24), 4, t258=(16, 16, 16), t277=(3,), t262=(2,), t284=(2,)
    ),
    "RGB, 3 channels of floating-point 32 bits": tiff_file(
        bytes(48), 4, t258=(32, 32, 32), t277=(3,), t262=(2,), t339=(3, 3, 3)
    ),
    "gray, 1 channels of floating-point 64 bits": tiff_file(
        bytes(32), 4, t258=(64,), t339=(3,)
    ),
    "color filter array, 1 channels of 16 bits": tiff_file(
        bytes(8), 4, t258=(16,), t262=(32803,)
    ),
    "gray, 1 channels of 8 bits, compression 34712": tiff_file(bytes(4), 4, t259=(34712,)),
}  # fmt: skip


@pytest.mark.parametrize("reason", UNREADABLE)
def test_valid_tiffs_that_cannot_be_read(reason: str) -> None:
    """They are not damaged: the error says what they store."""
    error = refused(UNREADABLE[reason])
    assert error.code == "unsupported-format"
    assert reason in error.message
    assert "Export the image as PNG" in error.message


@pytest.mark.parametrize("reason", UNREADABLE)
def test_damaged_tiffs_that_could_not_be_read(reason: str) -> None:
    """A file without all its pixels is damaged, whatever it stores."""
    data = bytearray(UNREADABLE[reason])
    at = data.index(struct.pack("<HH", 279, LONG))
    count = struct.unpack_from("<I", data, at + 4)[0]
    place = at + 8 if count == 1 else struct.unpack_from("<I", data, at + 8)[0]
    data[place : place + 4] = struct.pack("<I", 10_000)
    assert refused(bytes(data)).code in ("corrupt", "truncated")


def bmp_file(
    bits: int,
    compression: int = 0,
    header: int = 40,
    pixels: bytes = bytes(400),
    extra: bytes = b"",
) -> bytes:
    """Return a BMP of 4 x 4 pixels."""
    body = struct.pack("<IiiHHIIiiII", header, 4, 4, 1, bits, compression, 0, 0, 0, 0, 0)
    body = body[:header].ljust(header, b"\0") + extra
    return (
        b"BM" + struct.pack("<III", 14 + len(body) + len(pixels), 0, 14 + len(body)) + body + pixels
    )


MASKS = struct.pack("<III", 0x3FF00000, 0xFFC00, 0x3FF)
UNREADABLE_BMP = {
    "32 bits a pixel in bit fields": bmp_file(32, 3, extra=MASKS),
    "2 bits a pixel": bmp_file(2),
    "an embedded JPEG": bmp_file(0, 4, pixels=encoded(quarters(4, 4), "JPEG")),
    "an embedded PNG": bmp_file(0, 5, pixels=encoded(quarters(4, 4), "PNG")),
    "32 bits a pixel in bit fields with alpha": bmp_file(32, 6, extra=MASKS + bytes(4)),
    "64 bits a pixel": bmp_file(64),
    "24 bits a pixel in 24-bit run lengths": bmp_file(24, 4, header=64),
    "24 bits a pixel,": bmp_file(24, header=16),
}  # fmt: skip


@pytest.mark.parametrize("reason", UNREADABLE_BMP)
def test_valid_bmps_that_cannot_be_read(reason: str) -> None:
    """They are not damaged: the error says what they store."""
    error = refused(UNREADABLE_BMP[reason])
    assert error.code == "unsupported-format"
    assert reason in error.message


@pytest.mark.parametrize(
    "data",
    [
        bmp_file(2, pixels=b"\0"),
        bmp_file(7),
        bmp_file(24, header=41),
        bmp_file(32, 3, extra=MASKS, pixels=bytes(10)),
    ],
)
def test_damaged_bmps(data: bytes) -> None:
    """A BMP with an invalid header, or without its pixels, is damaged."""
    assert refused(data).code in ("corrupt", "truncated")


@pytest.mark.parametrize("height", [2, -2])
@pytest.mark.parametrize("bytes_after", [0, 7])
def test_bmp_of_16_bits_with_alpha(height: int, bytes_after: int) -> None:
    """The mask of alpha counts, as in browsers, in files that are whole and in others."""
    masks = struct.pack("<4I", 0x7C00, 0x3E0, 0x1F, 0x8000)
    pixels = struct.pack("<8H", 0xFC00, 0x7C00, 0x801F, 0, 0x83E0, 0x8000, 0x7FFF, 0xFFFF)
    body = struct.pack("<IiiHHIIiiII", 56, 4, height, 1, 16, 3, 0, 0, 0, 0, 0) + masks
    data = b"BM" + struct.pack("<III", 0, 0, 14 + len(body)) + body + pixels
    header = open_source(data).header
    assert header.has_alpha
    clear = (0, 0, 0, 0)
    rows = [
        [(255, 0, 0, 255), clear, (0, 0, 255, 255), clear],
        [(0, 255, 0, 255), (0, 0, 0, 255), clear, (255, 255, 255, 255)],
    ]
    if bytes_after:
        data, rows[1] = data[:-bytes_after], [clear] * 4
    assert shown(data) == rows[0 if height < 0 else 1]


@pytest.mark.parametrize("mode", ["1", "P"])
def test_bmp_with_a_palette_of_too_many_colors(mode: str) -> None:
    """Colors that no pixel can name are not read."""
    data = encoded(quarters(20, 4).convert(mode), "BMP")
    assert shown(data[:46] + struct.pack("<I", 9999) + data[50:]) == shown(data)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Broken files raise nothing here."""
    for start in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        tiff.as_positive(start + data)
        with suppress(ValueError):
            tiff.misread(start + data)
    for start in (b"BM", b"BM" + bytes(8) + b"\x36\0\0\0\x38\0\0\0"):
        bmp.unsupported(start + data)
        bmp.is_complete(start + data)
        bmp.alpha_mask(start + data)
        with suppress(EOFError):
            bmp.stored_rows(start + data)


def test_good_files_are_unaffected() -> None:
    """Files that Pillow reads are opened as before."""
    for format_name in ("TIFF", "BMP"):
        assert open_source(encoded(quarters(), format_name)).header.width == 120
