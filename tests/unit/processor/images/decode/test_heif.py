"""HEIC decoding. The files were made with pillow-heif: pi-heif does not write."""

import io
import sys
from pathlib import Path

import pytest
from PIL import ImageCms

from processor.images.decode.decoder import decode
from processor.images.decode.heif import detect_format
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import Png, Recipe, Rendition
from tests.unit.processor.images.sample_images import (
    decoded,
    difference,
    quarters,
    render_file,
)

FILES = Path(__file__).parents[1] / "files"
PLAIN = Recipe([Rendition("plain", Png())], analysis=False)


def read(name: str) -> bytes:
    """Return a file that was made for these tests."""
    return (FILES / f"{name}.heic").read_bytes()


def test_comes_out_upright() -> None:
    """The decoder applies the orientation, and the engine does not apply it again."""
    source = open_source(read("turned"))
    assert (source.header.format, source.header.width, source.header.height) == ("heif", 120, 80)
    assert source.header.orientation == 1
    assert difference(decode(source, 1.0).image, quarters()) < 12
    (plain,) = render_file(read("turned"), PLAIN).renditions
    assert (plain.width, plain.height) == (120, 80)


def test_keeps_its_profile(wide_gamut: bytes) -> None:
    """The ICC profile is read, and the colors are converted to sRGB."""
    canvas = decode(open_source(read("turned")), 1.0)
    assert canvas.profile == wide_gamut
    wide = ImageCms.ImageCmsProfile(io.BytesIO(wide_gamut))
    expected = ImageCms.profileToProfile(canvas.image, wide, ImageCms.createProfile("sRGB"))
    (plain,) = render_file(read("turned"), PLAIN).renditions
    assert expected is not None
    assert difference(decoded(plain.data).convert("RGB"), expected) < 3


def test_keeps_transparency() -> None:
    """Transparent pixels stay transparent."""
    assert open_source(read("clear")).header.has_alpha
    (plain,) = render_file(read("clear"), PLAIN).renditions
    assert decoded(plain.data).convert("RGBA").getpixel((9, 9))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_pixels=5_999_999), "too-many-pixels"),
        (Limits(max_side=2_999), "too-long-side"),
        (Limits(max_memory=6_000_000 * 13), "too-much-memory"),
    ],
)
def test_is_held_against_the_limits_before_it_is_decoded(
    limits: Limits, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image that is too large is refused by its header, without decoding."""
    from pi_heif import as_plugin  # noqa: PLC0415

    monkeypatch.setattr(as_plugin._LibHeifImageFile, "load", lambda _: pytest.fail("was decoded"))
    with pytest.raises(ImageError) as refusal:
        render_file(read("large"), PLAIN, limits)
    assert refusal.value.code == code


def test_refuses_a_header_that_lies() -> None:
    """A header of 64 x 48 pixels with 6 million behind it is refused as corrupt."""
    data = read("large")
    place = data.index(b"ispe") + 8
    lying = data[:place] + bytes((0, 0, 0, 64, 0, 0, 0, 48)) + data[place + 8 :]
    with pytest.raises(ImageError) as refusal:
        render_file(lying, PLAIN)
    assert refusal.value.code == "corrupt"


@pytest.mark.parametrize("part", [number / 16 for number in range(1, 16)])
def test_refuses_a_file_that_ends_early(part: float) -> None:
    """A truncated file is refused."""
    data = read("turned")
    with pytest.raises(ImageError):
        render_file(data[: int(len(data) * part)], PLAIN)


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pi-heif, HEIC is refused with a message that names it."""
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(ImageError, match=r"HEIC .* pi-heif") as refusal:
        open_source(read("turned"))
    assert refusal.value.code == "unsupported-format"


@pytest.mark.parametrize(
    ("brands", "format_name"),
    [
        (b"heic\0\0\0\0mif1heic", "HEIF"),
        (b"mif1\0\0\0\0mif1heix", "HEIF"),
        (b"avif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"mif1\0\0\0\0avif", "AVIF"),
        (b"isom\0\0\0\0mp41", None),
        (b"", None),
    ],
)
def test_detect_formats_brands(brands: bytes, format_name: str | None) -> None:
    """The file type box distinguishes HEIC, AVIF and videos."""
    box = (8 + len(brands)).to_bytes(4) + b"ftyp" + brands
    assert detect_format(box + b"\0" * 20) == format_name
