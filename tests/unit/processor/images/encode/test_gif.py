"""GIF encoding."""

import itertools

import pytest
from PIL import Image, ImageFilter

from processor.images.canvas import Canvas
from processor.images.encode import encode
from processor.images.encode.gif import ticks
from processor.images.recipe import Gif
from tests.unit.processor.images.sample_images import decoded, difference


@pytest.mark.parametrize("colors", [2, 5, 64, 256])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_colors(cutout: Image.Image, colors: int, mode: str) -> None:
    """At most ``colors`` colors are left, including transparency."""
    back = decoded(encode(Canvas((cutout.convert(mode),)), Gif(colors=colors)).data)
    assert len(back.convert("RGBA").getcolors() or [0] * 999) <= colors


@pytest.mark.parametrize("colors", [4, 16])
def test_colors_of_animation(photograph: Image.Image, colors: int) -> None:
    """Every frame has at most ``colors`` colors."""
    frames = tuple(photograph.rotate(angle) for angle in (0, 90))
    back = decoded(encode(Canvas(frames, (100, 100)), Gif(colors=colors)).data)
    for number in range(2):
        back.seek(number)
        assert len(back.convert("RGB").getcolors() or [0] * 999) <= colors


def test_dither(photograph: Image.Image) -> None:
    """Dithered colors are closer to the original in the mean of several pixels."""
    plain, dithered = (
        decoded(encode(Canvas((photograph,)), Gif(colors=16, dither=dither)).data).convert("RGB")
        for dither in (False, True)
    )
    blur = ImageFilter.GaussianBlur(2)
    blurred = photograph.filter(blur)
    assert (
        difference(dithered.filter(blur), blurred) < difference(plain.filter(blur), blurred) / 1.5
    )


def test_threshold(cutout: Image.Image) -> None:
    """Pixels that are at least half opaque become opaque, others transparent."""
    back = decoded(encode(Canvas((cutout,)), Gif()).data).convert("RGBA")
    expected = cutout.getchannel("A").point(lambda alpha: 255 if alpha >= 128 else 0)
    assert back.getchannel("A").tobytes() == expected.tobytes()


def test_barely_transparent_is_opaque(photograph: Image.Image) -> None:
    """An image without fully transparent pixels has no transparent color."""
    photograph.putalpha(200)
    assert "transparency" not in decoded(encode(Canvas((photograph,)), Gif()).data).info


def test_unseen_colors_take_no_place() -> None:
    """The palette has no colors of transparent pixels."""
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    image.paste((10, 200, 30, 255), (10, 10, 30, 30))
    back = decoded(encode(Canvas((image,)), Gif(colors=2)).data).convert("RGBA")
    assert back.getpixel((20, 20)) == (10, 200, 30, 255)
    assert back.getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    ("durations", "told"),
    [
        ((100, 40), [100, 40]),
        ((33, 33, 33, 33, 33, 33), [30, 40, 30, 30, 40, 30]),
        ((0, 5, 10), [20, 20, 20]),
        ((10, 100, 100), [20, 90, 100]),
    ],
)
def test_durations(durations: tuple[int, ...], told: list[int]) -> None:
    """Durations are hundredths of a second, at least two, with the requested total."""
    assert ticks(durations) == told


def test_opaque_animation_stores_changes(photograph: Image.Image) -> None:
    """A frame that differs in a corner takes little more space."""
    other = photograph.copy()
    other.paste((255, 0, 0), (0, 0, 20, 20))
    one = len(encode(Canvas((photograph,)), Gif(dither=False)).data)
    both = len(encode(Canvas((photograph, other), (100, 100)), Gif(dither=False)).data)
    assert both < 2 * one


def test_same_palette_entry(moving: tuple[Image.Image, ...]) -> None:
    """Frames with and without transparency can follow each other."""
    full = Image.new("RGBA", moving[0].size, (0, 0, 0, 255))
    frames = tuple(itertools.chain(*((frame, full) for frame in moving)))
    back = decoded(encode(Canvas(frames, (100,) * 8), Gif(colors=8)).data)
    for number, frame in enumerate(frames):
        back.seek(number)
        assert back.convert("RGBA").getchannel("A").tobytes() == frame.getchannel("A").tobytes()
