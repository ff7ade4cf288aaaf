"""Conversion to sRGB."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from processor.images.canvas import Canvas
from processor.images.icc import BT709, SRGB, Parametric, display_p3, rgb_profile
from processor.images.recipe import Auto, Avif, Gif, Jpeg, Output, Png, WebP
from processor.images.steps.to_srgb import color_in_space_of, to_srgb
from tests.unit.processor.images.icc_files import cmyk_profile, gray_profile
from tests.unit.processor.images.sample_images import assert_similar, quarters
from tests.unit.processor.images.steps.jobs import job, pixel


def profile(name: str) -> bytes:
    """Return an ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def test_srgb_stays() -> None:
    """An image in sRGB keeps its colors, and loses its profile."""
    converted = to_srgb(Canvas((quarters(),), profile=profile("sRGB")), job())
    assert converted.profile is None
    assert_similar(converted.image, quarters(), 1)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_wide_colors_are_converted(wide_gamut: bytes, mode: str) -> None:
    """A color of a wide-gamut profile gets its value in sRGB."""
    image = Image.new("RGBA", (4, 4), (200, 100, 100, 77)).convert(mode)
    converted = to_srgb(Canvas((image,), profile=wide_gamut), job())
    # Display P3 with a gamma of 2.2 is nearly Display P3: (0.784, 0.392, 0.392) by the CSS Color 4
    # matrices is (0.838, 0.372, 0.384) in sRGB.
    assert pixel(converted.image)[:3] == pytest.approx((214, 95, 98), abs=3)
    assert pixel(converted.image)[3:] == pixel(image)[3:]


def test_all_frames_are_converted(wide_gamut: bytes) -> None:
    """An animation has one profile for all frames."""
    frames = tuple(Image.new("RGB", (2, 2), (tone, 100, 100)) for tone in (150, 200))
    first, second = to_srgb(Canvas(frames, profile=wide_gamut), job()).frames
    assert pixel(first)[0] > 155
    assert pixel(second)[0] > 205


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("bad", [None, b"", b"garbage" * 50, profile("LAB")])
def test_profiles_of_no_use_are_passed_over(mode: str, bad: bytes | None) -> None:
    """A missing, broken or wrong profile is ignored."""
    image = quarters(mode=mode)
    converted = to_srgb(Canvas((image,), profile=bad), job())
    assert converted.profile is None
    assert_similar(converted.image, image.convert("RGB") if mode == "CMYK" else image, 0)


@pytest.mark.parametrize(
    "make", [gray_profile, lambda gamma: rgb_profile(BT709, Parametric(gamma))]
)
def test_gray_images(make: Callable[[float], bytes]) -> None:
    """Gray and RGB profiles give gray its tones, with and without alpha; it stays gray."""
    curve = make(1.0)
    gray = to_srgb(Canvas((Image.new("L", (4, 4), 128),), profile=curve), job()).image
    assert gray.mode == "L"
    assert pixel(gray) == pytest.approx((188,), abs=1)
    clear = Image.new("RGBA", (4, 4), (128, 128, 128, 77))
    converted = to_srgb(Canvas((clear,), profile=curve), job()).image
    assert pixel(converted) == pytest.approx((188, 188, 188, 77), abs=1)


def test_a_profile_that_colors_gray() -> None:
    """Gray of a profile whose white is not neutral gets that color."""
    warm = bytearray(rgb_profile(BT709, Parametric(2.2)))
    place = warm.index(b"XYZ ", warm.index(b"para") - 40)
    warm[place + 8 : place + 12] = (0x800).to_bytes(4)
    red, _, blue = pixel(to_srgb(Canvas((Image.new("L", (4, 4), 200),), profile=bytes(warm))).image)
    assert abs(red - blue) > 5


def test_a_profile_of_another_space_is_passed_over() -> None:
    """A CMYK profile of a gray image is ignored."""
    image = quarters(mode="L")
    assert to_srgb(Canvas((image,), profile=cmyk_profile(10)), job()).image is image


def test_the_darkest_ink_becomes_black() -> None:
    """CMYK is converted with black-point compensation: its darkest color is black in sRGB."""
    for inks, wanted in (((255, 255, 255, 255), 0), ((0, 0, 0, 0), 255)):
        image = Image.new("CMYK", (4, 4), inks)
        converted = to_srgb(Canvas((image,), profile=cmyk_profile(12)), job())
        assert pixel(converted.image) == pytest.approx((wanted,) * 3, abs=4)


def test_a_profile_like_srgb_changes_nothing() -> None:
    """Pixels are not converted if the profile is sRGB under another name."""
    image = quarters()
    assert to_srgb(Canvas((image,), profile=rgb_profile(BT709, SRGB)), job()).image is image


@pytest.mark.parametrize("output", [Jpeg(), Png(), WebP(), Avif(), Auto()])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_wide_colors_are_kept(wide_gamut: bytes, output: Output, mode: str) -> None:
    """With ``keep``, a wide gamut becomes Display P3."""
    image = Image.new("RGBA", (4, 4), (200, 100, 100, 77)).convert(mode)
    kept = to_srgb(Canvas((image,), profile=wide_gamut), job(output=output, color="keep"))
    assert kept.profile == display_p3()
    assert pixel(kept.image) == pytest.approx(pixel(image), abs=2)
    again = to_srgb(kept, job(output=output, color="keep"))
    assert (again.profile, again.image) == (display_p3(), kept.image)
    back = to_srgb(kept, job(output=output))
    assert back.profile is None
    assert pixel(back.image)[:3] == pytest.approx((214, 95, 98), abs=3)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("name", ["sRGB", "gray", "CMYK", "broken", "none"])
def test_narrow_colors_become_srgb(mode: str, name: str) -> None:
    """With ``keep``, everything but a wide gamut is converted to sRGB."""
    profiles = {
        "sRGB": profile("sRGB"), "gray": gray_profile(2.0), "CMYK": cmyk_profile(5),
        "broken": b"broken" * 40, "none": None,
    }  # fmt: skip
    image = quarters(mode=mode)
    kept = to_srgb(Canvas((image,), profile=profiles[name]), job(color="keep"))
    plain = to_srgb(Canvas((image,), profile=profiles[name]), job())
    assert kept.profile is None
    assert kept.image.tobytes() == plain.image.tobytes()


def test_gif_has_no_profiles(wide_gamut: bytes) -> None:
    """GIF is always sRGB."""
    canvas = Canvas((quarters(),), profile=wide_gamut)
    assert to_srgb(canvas, job(output=Gif(), color="keep")).profile is None


def test_colors_of_a_recipe_in_a_wide_color_space() -> None:
    """A recipe's colors are sRGB; the canvas gets what looks the same."""
    wide, narrow = Canvas((quarters(),), profile=display_p3()), Canvas((quarters(),))
    assert color_in_space_of(narrow, "#ff0000") == "#ff0000"
    red, green, blue, alpha = bytes.fromhex(color_in_space_of(wide, "#ff000080")[1:])
    # CSS Color 4: sRGB red is color(display-p3 0.9175 0.2003 0.1386).
    assert (red, green, blue, alpha) == pytest.approx((234, 51, 35, 128), abs=1)
    assert len(color_in_space_of(wide, "#ff0000")) == 7
