"""Accepted files, and the errors of refused ones."""

import struct
import zlib
from collections.abc import Callable

import msgspec
import pytest
from PIL import Image

from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import Png, Recipe, Rendition, load_recipes
from tests.unit.processor.images.sample_images import (
    assert_similar,
    decoded,
    encoded,
    photographed,
    quarters,
    render_file,
)

ACCEPTED = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"]


@pytest.mark.parametrize("format_name", ACCEPTED)
def test_accepts(format_name: str) -> None:
    """Each accepted format is detected by its content, and rendered."""
    data = encoded(quarters(), format_name)
    source = open_source(data).header
    assert (source.format, source.width, source.height) == (format_name.lower(), 120, 80)
    assert (source.frames, source.orientation) == (1, 1)
    assert len(render_file(data, load_recipes()["default"]).renditions) == 3


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_comes_out_upright(format_name: str, orientation: int) -> None:
    """Header and renditions are upright for every EXIF orientation."""
    data = photographed(quarters(), orientation, format_name)
    source = open_source(data).header
    assert (source.width, source.height) == (120, 80)
    (plain,) = render_file(data, Recipe([Rendition("plain", Png())])).renditions
    assert_similar(decoded(plain.data).convert("RGB"), quarters(), 12)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG with this size in its header, and no pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"just some text", "unsupported-format"),
        (b"%PDF-1.7\n", "unsupported-format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "unsupported-format"),
        (b"\xff\xd8\xff", "corrupt"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "corrupt"),
        (b"GIF89a", "corrupt"),
        (b"RIFF\0\0\0\0WEBP", "corrupt"),
        (b"II*\0\xff\xff\xff\xff", "corrupt"),
        (b"BM" + b"\0" * 60, "corrupt"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 12, "unsupported-format"),
        (png_header(10_001, 10_000), "too-many-pixels"),
        (png_header(40_000, 1), "too-long-side"),
        (png_header(2**31 - 1, 2**31 - 1), "too-long-side"),
    ],
)
def test_refuses(data: bytes, code: str) -> None:
    """Files that are no image, or too large by their header, are refused with a code."""
    with pytest.raises(ImageError) as refusal:
        open_source(data)
    assert refusal.value.code == code
    assert refusal.value.message.endswith((".", "accepted."))


def test_refuses_too_many_bytes() -> None:
    """A file over the limit is refused before it is parsed."""
    with pytest.raises(ImageError) as refusal:
        open_source(b"x" * 11, Limits(max_bytes=10))
    assert refusal.value.code == "too-many-bytes"


@pytest.mark.parametrize("format_name", ["WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_refuses_a_file_that_ends_early(
    format_name: str, part: float, sample: Callable[[str], bytes]
) -> None:
    """A truncated file is refused in formats of which browsers show nothing then."""
    data = encoded(decoded(sample("coffee.png")).convert("RGB"), format_name)
    with pytest.raises(ImageError) as refusal:
        render_file(data[: int(len(data) * part)], load_recipes()["default"])
    assert refusal.value.code in ("truncated", "corrupt")


def test_a_cut_photograph_is_called_truncated(sample: Callable[[str], bytes]) -> None:
    """A truncated JPEG, the usual broken upload, has its own code if the recipe refuses it."""
    with pytest.raises(ImageError) as refusal:
        render_file(
            sample("flower.jpg")[:60_000],
            msgspec.structs.replace(load_recipes()["default"], truncated="refuse"),
        )
    assert refusal.value.code == "truncated"


def test_what_a_file_says() -> None:
    """The header has alpha and frames before a pixel is decoded."""
    plain = open_source(encoded(quarters(), "PNG")).header
    clear = open_source(encoded(quarters(mode="RGBA"), "PNG")).header
    assert (plain.has_alpha, clear.has_alpha) == (False, True)
    others = [quarters().rotate(angle) for angle in (90, 180)]
    for format_name in ("GIF", "WEBP", "PNG"):
        data = encoded(quarters(), format_name, save_all=True, append_images=others)
        assert open_source(data).header.frames == 3
    pages = encoded(quarters(), "TIFF", save_all=True, append_images=others)
    assert open_source(pages).header.frames == 1


@pytest.mark.parametrize("orientation", [0, 9, 255, 65_535])
def test_an_orientation_that_is_none(orientation: int) -> None:
    """An invalid orientation counts as 1."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    header = open_source(encoded(quarters(), "JPEG", exif=exif)).header
    assert (header.orientation, header.width, header.height) == (1, 120, 80)


@pytest.mark.parametrize(
    ("scale", "size"),
    [
        (1, (1600, 800)),
        (0.5, (1600, 800)),
        (0.3, (800, 400)),
        (0.1, (400, 200)),
        (0.01, (200, 100)),
    ],
)
def test_a_photograph_is_decoded_no_larger_than_needed(scale: float, size: tuple[int, int]) -> None:
    """JPEG is decoded at 1/8, 1/4, 1/2 or full size, at least 1.4 times the largest rendition."""
    image = quarters(1600, 800)
    canvas = decode(open_source(encoded(image, "JPEG")), scale)
    assert canvas.image.size == size
    assert decode(open_source(encoded(image, "PNG")), scale).image.size == (1600, 800)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_one_frame_unless_asked(format_name: str) -> None:
    """All frames are decoded only on request."""
    others = [quarters().rotate(angle) for angle in (90, 180)]
    data = encoded(quarters(), format_name, save_all=True, append_images=others, duration=70)
    still = decode(open_source(data), 1.0)
    assert (len(still.frames), still.durations) == (1, ())
    moving = decode(open_source(data), 1.0, animated=True)
    assert (len(moving.frames), moving.durations) == (3, (70, 70, 70))
    alone = decode(open_source(encoded(quarters(), format_name)), 1.0, animated=True)
    assert (len(alone.frames), alone.durations) == (1, ())


def test_the_profile_is_kept(wide_gamut: bytes) -> None:
    """The canvas has the file's ICC profile."""
    data = encoded(quarters(), "PNG", icc_profile=wide_gamut)
    assert decode(open_source(data), 1.0).profile == wide_gamut
    assert decode(open_source(encoded(quarters(), "PNG")), 1.0).profile is None
