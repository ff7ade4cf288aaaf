"""Conversion to sRGB."""

import pytest
from PIL import Image, ImageCms

from processor.images.canvas import Canvas
from processor.images.steps.to_srgb import to_srgb
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


def test_a_profile_of_another_space_is_passed_over(wide_gamut: bytes) -> None:
    """An RGB profile of a gray image is ignored."""
    image = quarters(mode="L")
    assert to_srgb(Canvas((image,), profile=wide_gamut), job()).image is image
