"""Colors of AVIF and HEIC that ``nclx`` or the image alone describe. The values are Chromium's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from processor.images.decode import av1
from processor.images.decode.decoder import decode
from processor.images.decode.heif import code_points
from processor.images.decode.source import open_source
from processor.images.recipe import Png, Recipe, Rendition
from tests.unit.processor.images.icc_files import gray_profile
from tests.unit.processor.images.sample_images import decoded, encoded, render_file

PLAIN = Recipe([Rendition("plain", Png())], analysis=False)
RGB = Image.new("RGB", (16, 16), (200, 80, 60))
AVIF = encoded(RGB, "AVIF", quality=100, subsampling="4:4:4")
HEIC = (Path(__file__).parents[1] / "files" / "clear.heic").read_bytes()


def with_points(data: bytes, primaries: int, transfer: int) -> bytes:
    """Return the file with other code points."""
    place = data.index(b"colrnclx") + 8
    return data[:place] + bytes([0, primaries, 0, transfer]) + data[place + 4 :]


@pytest.mark.parametrize(
    ("points", "color"),
    [
        ((1, 13), (201, 80, 61)), ((2, 2), (201, 80, 61)), ((0, 0), (201, 80, 61)),
        ((1, 1), (201, 80, 61)), ((1, 6), (201, 80, 61)), ((12, 13), (217, 69, 51)),
        ((12, 1), (217, 69, 51)), ((12, 2), (217, 69, 51)), ((9, 13), (246, 36, 51)),
        ((9, 14), (246, 36, 51)), ((9, 16), (255, 0, 0)), ((1, 4), (202, 79, 58)),
        ((1, 5), (190, 56, 37)), ((1, 7), (207, 97, 78)), ((1, 8), (230, 152, 134)),
        ((2, 8), (230, 152, 134)), ((3, 13), (201, 80, 61)), ((4, 4), (237, 71, 45)),
        ((5, 6), (204, 80, 61)), ((6, 6), (196, 84, 60)), ((10, 17), (255, 0, 67)),
        ((11, 17), (214, 50, 32)), ((12, 17), (219, 49, 30)), ((22, 13), (203, 84, 60)),
    ],
)  # fmt: skip
def test_code_points(points: tuple[int, int], color: tuple[int, int, int]) -> None:
    """Primaries and transfer characteristics give the color; unspecified ones mean sRGB."""
    data = with_points(AVIF, *points)
    assert code_points(data) == points
    (plain,) = render_file(data, PLAIN).renditions
    assert decoded(plain.data).convert("RGB").getpixel((5, 5)) == pytest.approx(color, abs=5)


def bits(data: bytes) -> str:
    """Return data as zeros and ones."""
    return "".join(f"{byte:08b}" for byte in data)


def in_sequence_header(data: bytes, primaries: int, transfer: int) -> bytes:
    """Return the file without ``nclx``, and with other code points in AV1's sequence header."""
    start = data.index(b"mdat") + 4
    header = bits(data[start:])
    assert header.count(bits(b"\1\x0d\6")) == 1
    header = header.replace(bits(b"\1\x0d\6"), bits(bytes([primaries, transfer, 6])))
    stored = int(header, 2).to_bytes(len(data) - start)
    return (data[:start] + stored).replace(b"colrnclx", b"freenclx")


@pytest.mark.parametrize(
    ("points", "color"),
    [
        ((1, 13), (200, 81, 59)), ((2, 2), (200, 81, 59)), ((12, 13), (216, 70, 49)),
        ((1, 8), (229, 153, 132)), ((9, 16), (255, 0, 0)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("image", [RGB, RGB.convert("RGBA")])
def test_sequence_header(
    image: Image.Image, points: tuple[int, int], color: tuple[int, int, int]
) -> None:
    """Without ``nclx`` and profile, the code points in the image itself count."""
    image = image.copy()
    if image.mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    data = in_sequence_header(encoded(image, "AVIF", quality=100, subsampling="4:4:4"), *points)
    assert code_points(data) == points
    (plain,) = render_file(data, PLAIN).renditions
    assert decoded(plain.data).convert("RGB").getpixel((5, 15)) == pytest.approx(color, abs=5)


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4"])
def test_sequence_headers_of_animations(subsampling: str) -> None:
    """Profiles 0 to 2 have different headers, and animations longer ones."""
    wide = RGB.resize((40, 24))
    frames = {"save_all": True, "append_images": [wide.rotate(180)], "subsampling": subsampling}
    for options in ({"subsampling": subsampling}, frames):
        data = encoded(wide, "AVIF", **options)
        assert av1.code_points(data[data.index(b"mdat") + 4 :]) == (1, 13)


def test_a_header_with_everything() -> None:
    """What precedes the color may be there or not: timing, operating points, tools."""
    timing = "1" + "0" * 64 + "1" + "001" + "01" + "1" + "00111" + "0" * 42
    points = "1" + "00001" + ("0" * 12 + "01000" + "1" + "1" + "0" * 17 + "1" + "0000") * 2
    size = "0111" + "0111" + "0" * 16
    tools = "1" + "0" * 7 + "000" + "0000" + "1" + "00" + "0" + "1" + "0" + "1" + "000" + "000"
    color = "1" + "0" + "0" + "1" + bits(bytes([12, 13]))
    header = "010" + "0" + "0" + timing + points + size + tools + color
    stored = int(header.ljust(-(-len(header) // 8) * 8, "0"), 2).to_bytes(-(-len(header) // 8))
    data = b"\x12\0" + b"\x0e\0" + bytes([0x80 | len(stored), 0]) + stored
    assert av1.code_points(data) == (12, 13)
    for end in range(len(data)):
        av1.code_points(data[:end])


@given(st.binary(max_size=60))
def test_any_header(data: bytes) -> None:
    """A broken header has code points, or none."""
    for start in (b"", b"\x0a\x30", b"\x12\0\x0a\x30"):
        av1.code_points(start + data)


def test_heic() -> None:
    """HEIC has the same boxes. Without, what is within the image does not count."""
    assert decode(open_source(with_points(HEIC, 1, 13)), 1.0).profile is None
    wide = decode(open_source(with_points(HEIC, 12, 13)), 1.0)
    assert b"XYZ " in (wide.profile or b"")
    assert code_points(HEIC.replace(b"colrnclx", b"freenclx")) is None


def test_a_profile_outweighs_code_points(wide_gamut: bytes) -> None:
    """An ICC profile is used where a file has both."""
    data = encoded(Image.new("RGB", (16, 16)), "AVIF", icc_profile=wide_gamut)
    assert decode(open_source(data), 1.0).profile == wide_gamut


def test_gray_profiles_of_gray_images() -> None:
    """A gray AVIF is decoded to RGB, and its gray profile applies."""
    data = encoded(Image.new("L", (16, 16), 128), "AVIF", icc_profile=gray_profile(1.0))
    (plain,) = render_file(data, PLAIN).renditions
    color = decoded(plain.data).convert("RGB").getpixel((5, 5))
    assert color == pytest.approx((188, 188, 188), abs=2)


@pytest.mark.parametrize("data", [AVIF, HEIC], ids=["AVIF", "HEIC"])
def test_broken_boxes(data: bytes) -> None:
    """Boxes that are cut off or have a wrong length give code points, or none."""
    end = data.index(b"mdat")
    for place in range(end):
        assert code_points(data[:place]) in (None, code_points(data))
        for wrong in (b"\0", b"\1", b"\xff"):
            code_points(data[:place] + wrong + data[place + 1 :])
