"""Colors of AVIF and HEIC that are described by ``nclx`` alone. The values are Chromium's."""

from pathlib import Path

import pytest
from PIL import Image

from processor.images.decode.decoder import decode
from processor.images.decode.heif import code_points
from processor.images.decode.source import open_source
from processor.images.recipe import Png, Recipe, Rendition
from tests.unit.processor.images.icc_files import gray_profile
from tests.unit.processor.images.sample_images import decoded, encoded, render_file

PLAIN = Recipe([Rendition("plain", Png())], analysis=False)
AVIF = encoded(Image.new("RGB", (16, 16), (200, 80, 60)), "AVIF", quality=100, subsampling="4:4:4")
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


def test_heic() -> None:
    """HEIC has the same boxes."""
    assert decode(open_source(with_points(HEIC, 1, 13)), 1.0).profile is None
    wide = decode(open_source(with_points(HEIC, 12, 13)), 1.0)
    assert b"XYZ " in (wide.profile or b"")


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
