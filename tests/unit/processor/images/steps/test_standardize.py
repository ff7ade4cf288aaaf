"""Conversion to the modes that steps support."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.steps.standardize import standardize
from tests.unit.processor.images.sample_images import quarters
from tests.unit.processor.images.steps.jobs import pixel


def standard(image: Image.Image) -> Image.Image:
    """Return the standardized image."""
    return standardize(Canvas((image,))).image


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("1", "L"), ("L", "L"), ("P", "RGB"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("LA", "RGBA"),
        ("PA", "RGBA"), ("RGBa", "RGBA"), ("RGBX", "RGB"), ("CMYK", "CMYK"),
        ("YCbCr", "RGB"), ("LAB", "RGB"), ("HSV", "RGB"), ("I", "L"), ("I;16", "L"),
        ("I;16B", "L"), ("F", "L"),
    ],
)  # fmt: skip
def test_modes(mode: str, expected: str) -> None:
    """Every mode of a decoder becomes one that the steps support."""
    assert standard(Image.new(mode, (4, 4))).mode == expected


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_known_modes_are_left_alone(mode: str) -> None:
    """A supported mode is returned unchanged."""
    image = quarters(mode=mode)
    assert standard(image) is image


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
@pytest.mark.parametrize(("tone", "shown"), [(0, 0), (0x00FF, 0), (0x8000, 0x80), (0xFFFF, 0xFF)])
def test_sixteen_bit_tones(mode: str, tone: int, shown: int) -> None:
    """16-bit gray is scaled to 8-bit, not cut off."""
    assert pixel(standard(Image.new(mode, (1, 1), tone))) == (shown,)


@pytest.mark.parametrize(("brightest", "shown"), [(200, 200), (0xC800, 200)])
def test_the_range_of_32_bit_images(brightest: int, shown: int) -> None:
    """32-bit gray with 16-bit tones is scaled, with 8-bit tones kept."""
    assert pixel(standard(Image.new("I", (1, 1), brightest))) == (shown,)


@pytest.mark.parametrize("mode", ["L", "P", "RGB"])
def test_a_color_key_becomes_alpha(mode: str) -> None:
    """A transparent color becomes an alpha channel, and other colors are kept."""
    image = quarters(mode=mode)
    image.info["transparency"] = image.getpixel((0, 0))
    seen = standard(image)
    assert seen.mode == "RGBA"
    assert pixel(seen)[3] == 0
    assert pixel(seen, 119, 79) == (*pixel(image.convert("RGB"), 119, 79), 255)


def test_frames_of_one_animation_are_alike() -> None:
    """If one frame is transparent, all frames get alpha."""
    frames = (quarters(), quarters(mode="RGBA"), quarters(mode="P"))
    assert [each.mode for each in standardize(Canvas(frames)).frames] == ["RGBA"] * 3
    gray = (quarters(mode="L"), quarters(mode="RGB"))
    assert len({each.mode for each in standardize(Canvas(gray)).frames}) == 1
