"""Watermarks: text and images over a rendition."""

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image, ImageChops

from processor.images.canvas import Canvas
from processor.images.recipe import Position, Watermark
from processor.images.steps.watermark import place, watermark
from tests.unit.processor.images.sample_images import (
    assert_similar,
    difference,
    quarters,
)
from tests.unit.processor.images.steps.jobs import (
    job,
    pixel,
    run,
)

Area = tuple[int, int, int, int] | None

GRAY = "#777777"
CLEAN = Image.new("RGB", (400, 300), GRAY)


def stamped(logo: Image.Image, on: Image.Image = CLEAN, **wanted: Any) -> Image.Image:
    """Return an image with a logo as its watermark."""
    mark = Watermark(image="logo.png", **{"opacity": 1.0, "margin": 0.0, **wanted})
    return watermark(Canvas((on,)), replace(job(watermark=mark), watermark_image=logo)).image


def changed(image: Image.Image, clean: Image.Image = CLEAN) -> Area:
    """Return the box of the changed pixels."""
    return ImageChops.difference(image.convert("RGB"), clean.convert("RGB")).getbbox()


def test_does_nothing_unless_asked() -> None:
    """Without the operation, the canvas is returned unchanged."""
    canvas = Canvas((CLEAN,))
    assert watermark(canvas, job()) is canvas


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_text_changes_its_corner_alone(mode: str) -> None:
    """The text changes only its corner, and the step doesn't change its input."""
    clean = Image.new(mode, (400, 300), GRAY)
    marked = run(watermark, clean, watermark=Watermark(text="Darkroom"))
    assert difference(clean, Image.new(mode, (400, 300), GRAY)) == 0
    left, top, right, bottom = changed(marked, clean) or (0, 0, 0, 0)
    assert left > 200
    assert top > 240
    assert (right, bottom) == pytest.approx((391, 291), abs=2)


@pytest.mark.parametrize("background", ["white", "black", "#808080"])
def test_text_shows_on_any_background(background: str) -> None:
    """Light letters with a dark outline are legible on light and dark images."""
    clean = Image.new("RGB", (400, 300), background)
    marked = run(watermark, clean, watermark=Watermark(text="Darkroom", size=0.1))
    tones = ImageChops.difference(marked, clean).convert("L").histogram()
    assert sum(tones[60:]) > 300


def test_text_wider_than_its_image_is_cut() -> None:
    """A long text on a small image is cut off."""
    marked = run(watermark, quarters(16, 16), watermark=Watermark(text="Darkroom" * 9))
    assert marked.size == (16, 16)


@pytest.mark.parametrize(
    ("position", "corner"),
    [
        ("top-left", (5, 5)), ("top", (40, 5)), ("top-right", (75, 5)),
        ("left", (5, 40)), ("center", (40, 40)), ("right", (75, 40)),
        ("bottom-left", (5, 75)), ("bottom", (40, 75)), ("bottom-right", (75, 75)),
    ],
)  # fmt: skip
def test_place(position: Position, corner: tuple[int, int]) -> None:
    """Each of the nine positions keeps the margin."""
    assert place(position, (100, 100), (20, 20), 5) == corner


@pytest.mark.parametrize(
    ("scale", "position", "box"),
    [
        (0.25, "top-left", (0, 0, 100, 50)),
        (0.5, "bottom-right", (200, 200, 400, 300)),
        (0.1, "center", (180, 140, 220, 160)),
        (1.0, "top", (0, 0, 400, 200)),
    ],
)
def test_an_image_has_a_part_of_the_width(scale: float, position: str, box: Area) -> None:
    """The logo has the requested part of the width, its own shape, and its position."""
    marked = stamped(Image.new("RGBA", (60, 30), "red"), scale=scale, position=position)
    assert changed(marked) == box
    assert pixel(marked.crop(box), 3, 3) == (255, 0, 0)


def test_the_margin_is_a_part_of_the_shorter_side() -> None:
    """The margin is relative to the shorter side."""
    logo = Image.new("RGBA", (60, 30), "red")
    marked = stamped(logo, scale=0.25, margin=0.1, position="bottom-left")
    assert changed(marked) == (30, 300 - 30 - 50, 130, 270)


@pytest.mark.parametrize(("opacity", "red"), [(0.0, 0), (0.2, 51), (0.5, 128), (1.0, 255)])
def test_opacity(opacity: float, red: int) -> None:
    """Opacity multiplies the logo's own alpha."""
    black = Image.new("RGB", (100, 100))
    logo = Image.new("RGBA", (100, 100), (255, 0, 0, 255))
    assert pixel(stamped(logo, black, opacity=opacity, scale=1.0)) == pytest.approx(
        (red, 0, 0), abs=1
    )
    logo.putalpha(128)
    faint = stamped(logo, black, opacity=opacity, scale=1.0)
    assert pixel(faint) == pytest.approx((red / 2, 0, 0), abs=1)
    assert pixel(logo) == (255, 0, 0, 128)


def test_on_a_transparent_image_the_mark_is_seen() -> None:
    """On a transparent image the logo is opaque, and the rest stays transparent."""
    clear = Image.new("RGBA", (100, 100))
    marked = stamped(Image.new("RGBA", (10, 10), "red"), clear, scale=0.5, position="top-left")
    assert pixel(marked, 10, 10) == (255, 0, 0, 255)
    assert pixel(marked, 80, 80)[3] == 0


@pytest.mark.parametrize("angle", [90, -270])
def test_rotation_is_clockwise(angle: float) -> None:
    """After 90 degrees clockwise, the logo's left is at its top."""
    logo = quarters(60, 30, "RGBA")
    marked = stamped(logo, scale=0.15, rotation=angle, position="top-left")
    left, top, right, bottom = changed(marked) or (0, 0, 0, 0)
    assert (right - left, bottom - top) == pytest.approx((30, 60), abs=1)
    expected = logo.transpose(Image.Transpose.ROTATE_270).convert("RGB")
    assert_similar(marked.crop((2, 2, 28, 58)), expected.crop((2, 2, 28, 58)), 12)


def test_a_turned_mark_has_no_dark_edge() -> None:
    """At an odd angle, the logo's edge blends with the image only."""
    white = Image.new("RGB", (200, 200), "white")
    marked = stamped(Image.new("RGBA", (50, 50), "white"), white, scale=0.5, rotation=30)
    assert changed(marked, white) is None


@pytest.mark.parametrize("position", ["top-left", "center", "bottom-right"])
def test_tiles_cover_the_whole_image(position: Position) -> None:
    """The logo repeats in both directions, ``margin`` apart, once at its position."""
    logo = Image.new("RGBA", (40, 30), "red")
    one = stamped(logo, scale=0.1, margin=0.05, position=position)
    box = changed(one)
    all_of_them = stamped(logo, scale=0.1, margin=0.05, position=position, tiled=True)
    assert pixel(all_of_them.crop(box), 5, 5) == (255, 0, 0)
    across, down = 40 + 15, 30 + 15
    # Whatever is a whole number of marks and gaps away looks the same.
    assert all_of_them.crop((0, 0, 400 - across, 300)) == all_of_them.crop((across, 0, 400, 300))
    assert all_of_them.crop((0, 0, 400, 300 - down)) == all_of_them.crop((0, down, 400, 300))
    reds = sum(count for count, color in all_of_them.getcolors() or () if color == (255, 0, 0))
    assert reds / (400 * 300) == pytest.approx(40 * 30 / (across * down), rel=0.15)


def test_all_frames_are_marked() -> None:
    """Every frame of an animation gets the same watermark."""
    frames = (CLEAN, Image.new("RGB", CLEAN.size, "white"))
    marked = watermark(
        Canvas(frames, durations=(40, 60)), job(watermark=Watermark(text="Darkroom"))
    )
    first, second = marked.frames
    assert changed(first) == changed(second, frames[1])


@pytest.mark.parametrize("position", ["bottom-right", "top-left", "center", "bottom"])
@pytest.mark.parametrize("rotation", [0, 90, 30, -45])
@pytest.mark.parametrize("logo_size", [(20, 400), (100, 300), (300, 20), (1, 2000)])
@pytest.mark.parametrize("margin", [0.0, 0.03, 0.2])
def test_an_image_that_does_not_fit_is_shrunk(
    position: Position, rotation: float, logo_size: tuple[int, int], margin: float
) -> None:
    """All of a watermark image is shown, within the margins, in its proportions."""
    logo = Image.new("RGBA", logo_size, "red")
    marked = stamped(logo, scale=1.0, position=position, rotation=rotation, margin=margin)
    edge = round(300 * margin)
    left, top, right, bottom = changed(marked) or (0, 0, 0, 0)
    assert left >= edge
    assert top >= edge
    assert right <= 400 - edge
    assert bottom <= 300 - edge
    if rotation == 0:
        width, height = right - left, bottom - top
        assert width == 400 - 2 * edge or height == 300 - 2 * edge
        assert width == pytest.approx(max(1, logo_size[0] / logo_size[1] * height), abs=1) or (
            height == pytest.approx(logo_size[1] / logo_size[0] * width, abs=1)
        )


def test_a_tiled_image_that_does_not_fit_is_shrunk() -> None:
    """A tile is no taller than the rendition."""
    logo = Image.new("RGBA", (10, 100), "red")
    logo.paste("blue", (0, 50, 10, 100))
    marked = stamped(logo, scale=0.2, tiled=True, position="top-left")
    assert pixel(marked, 2, 2) == (255, 0, 0)
    assert pixel(marked, 2, 297) == (0, 0, 255)
