"""Text watermark."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageFont

from processor.images.recipe import Watermark
from processor.images.steps.text_watermark import MIN_FONT_SIZE, draw_text
from processor.images.steps.watermark import make_stamp, place
from processor.images.text.clusters import clusters
from processor.images.text.fonts import FOLDER

Size = tuple[int, int]


def written(text: str = "Darkroom", on: Size = (1000, 800), **wanted: Any) -> Image.Image:
    """Return the text for an image of the size ``on``, by default without an outline."""
    return draw_text(Watermark(text=text, **{"outline": None, **wanted}), on)


def colors(stamp: Image.Image) -> list[tuple[int, ...]]:
    """Return all colors of the text, with their opacity."""
    return [color for _, color in stamp.getcolors(99_999) or () if isinstance(color, tuple)]


def ink(stamp: Image.Image) -> int:
    """Return the sum of all opacities."""
    return sum(stamp.getchannel("A").tobytes()) // 255


@pytest.mark.parametrize("shorter", [200, 400, 800])
@pytest.mark.parametrize("size", [0.05, 0.1])
def test_letters_are_a_part_of_the_shorter_side(shorter: int, size: float) -> None:
    """The font size is proportional to the image's shorter side."""
    wide = written("H", (4 * shorter, shorter), size=size)
    tall = written("H", (shorter, 4 * shorter), size=size)
    assert wide == tall
    # A capital of this font is about 0.71 as high as the font is.
    assert wide.height == pytest.approx(0.71 * size * shorter, abs=1.5)


def test_letters_can_always_be_read() -> None:
    """Letters never get smaller than ``MIN_FONT_SIZE``."""
    assert written("H", (50, 50), size=0.01) == written("H", (10, 10), size=0.01)
    assert written("H", (50, 50), size=0.01).height >= 0.6 * MIN_FONT_SIZE


@pytest.mark.parametrize("text", ["Darkroom" * 3, "Darkroom" * 9, "W" * 60])
@pytest.mark.parametrize("margin", [0, 0.1])
def test_a_long_text_fits(text: str, margin: float) -> None:
    """A text that is too wide gets smaller letters, and keeps the margin."""
    stamp = written(text, (1000, 800), size=0.2, margin=margin)
    assert stamp.width <= 1000 - 2 * margin * 800 + 2
    assert stamp.width > 0.8 * (1000 - 2 * margin * 800)


def test_a_tiled_text_need_not_fit() -> None:
    """A tiled text keeps its size: tiles are cut off at the edges anyway."""
    long = "Darkroom" * 9
    assert written(long, size=0.2, tiled=True).height > 2 * written(long, size=0.2).height


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#12ab56"])
def test_color(color: str) -> None:
    """The letters have the requested color, and the rest is transparent."""
    stamp = written(color=color)
    solid = [pixel for pixel in colors(stamp) if pixel[3] == 255]
    assert solid == [(*bytes.fromhex(color[1:]), 255)]
    assert stamp.getchannel("A").getextrema()[0] == 0


@pytest.mark.parametrize("wanted", [{}, {"outline": "#000000"}, {"shadow": "#000000"}])
def test_nothing_is_cut_off(wanted: dict[str, Any]) -> None:
    """The stamp contains all letters, with outline and shadow."""
    stamp = written("Åjgy|/", size=0.3, **wanted)
    alone = written(" Åjgy|/ ", size=0.3, **wanted)
    assert ink(stamp) == pytest.approx(ink(alone), rel=0.01)


def test_the_outline_is_around_the_letters() -> None:
    """The outline is soft, enlarges the stamp on all sides, and doesn't change the letters."""
    plain, outlined = written(size=0.1), written(size=0.1, outline="#ff0000")
    edge = (outlined.width - plain.width) // 2
    assert edge == max(1, round(80 / 16))
    assert outlined.height - plain.height == pytest.approx(2 * edge, abs=1)
    red = [pixel for pixel in colors(outlined) if pixel[:3] == (255, 0, 0)]
    assert max(pixel[3] for pixel in red) == pytest.approx(128, abs=1)
    assert ink(outlined) > ink(plain)


def test_the_shadow_fades_out() -> None:
    """The shadow fades to transparent within the stamp."""
    alpha = written("H", size=0.3, shadow="#0000ff").getchannel("A")
    inner = alpha.copy()
    inner.paste(0, (1, 1, alpha.width - 1, alpha.height - 1))
    assert inner.getextrema()[1] <= 4  # type: ignore[operator]
    assert alpha.getextrema()[1] == 255


def test_the_shadow_is_below_and_to_the_right() -> None:
    """The shadow's center lies where the light does not come from."""
    shadow = written("H", size=0.3, shadow="#0000ff")

    def center(channel: Image.Image) -> tuple[float, float]:
        places = [
            (x, y, tone)
            for y in range(channel.height)
            for x, tone in enumerate(channel.crop((0, y, channel.width, y + 1)).tobytes())
            if tone
        ]
        total = sum(tone for *_, tone in places)
        return (
            sum(x * tone for x, _, tone in places) / total,
            sum(y * tone for _, y, tone in places) / total,
        )

    letters = shadow.convert("RGBA").getchannel("R").point([0] * 255 + [255])
    around = shadow.getchannel("A")
    around.paste(0, mask=letters)
    assert center(around)[0] > center(letters)[0]
    assert center(around)[1] > center(letters)[1]


def test_letters_of_the_font() -> None:
    """The font has accents, Greek and Cyrillic: they differ from its box for missing letters."""
    box = ImageFont.truetype(FOLDER / "NotoSans-Regular.ttf", 40).getmask("\U0001f600")
    for letter in "©éŁЖΩ":
        mask = ImageFont.truetype(FOLDER / "NotoSans-Regular.ttf", 40).getmask(letter)
        assert bytes(mask) != bytes(box)
        assert ink(written(letter)) > 0


def test_composed_letters() -> None:
    """A letter with a combining accent looks like the composed letter."""
    assert written("Cafe\u0301 A\u030a") == written("Café Å")


@pytest.mark.parametrize("text", ["one\ntwo", "one\r\ntwo", "one\u2028two"])
def test_lines(text: str) -> None:
    """A line break starts a line, and all lines are aligned with the position's side."""
    stamp, first, second = written(text), written("one"), written("two")
    assert stamp.width == pytest.approx(max(first.width, second.width), abs=2)
    # Noto Sans has lines of 1.362 times its size.
    assert stamp.height == pytest.approx(40 * 1.362 + first.height, abs=4)
    for position, align in (("left", 0), ("top", 0.5), ("right", 1)):
        aligned = written("wwwwww\ni", position=position, size=0.1)
        lower = aligned.crop((0, aligned.height * 3 // 5, *aligned.size)).getbbox()
        assert lower is not None
        center = (lower[0] + lower[2]) / 2 / aligned.width
        assert center == pytest.approx(align, abs=0.06)


def test_max_width() -> None:
    """Lines break between words at the width, in letters of the wanted size."""
    text = "The quick brown fox jumps over the lazy dog"
    whole, wrapped = written(text), written(text, max_width=0.3)
    assert whole.width > 300 >= wrapped.width > 200
    lines = round(whole.width / 300 + 0.5)
    assert wrapped.height >= (lines - 1) * 40 * 1.362
    # A word that is too long breaks as well, and the letters stay as large.
    assert written("W" * 60, max_width=0.3).width <= 300
    assert written("W" * 60, max_width=0.3).height > 5 * 40


def random_texts() -> Iterator[tuple[dict[str, Any], Size]]:
    """Yield watermarks of all kinds, and sizes of images."""
    chance = random.Random(7)
    letters = "Wgyi Åม้ำ क्षि שָׁ ﷽ مرحبا 😀👨‍👩‍👧 🇩🇪\n"
    for _ in range(120):
        text = "".join(chance.choice(clusters(letters)) for _ in range(chance.randint(1, 60)))
        yield (
            {
                "text": f"x{text}",
                "size": chance.uniform(0.01, 0.5),
                "margin": chance.choice([0, 0.03, 0.2, 0.5]),
                "rotation": chance.choice([0, 30, 45, 90, 200]),
                "max_width": chance.choice([None, None, 0.1, 0.5, 1]),
                "outline": chance.choice([None, "#000000"]),
                "shadow": chance.choice([None, "#000000"]),
                "position": chance.choice(["top-left", "right", "center", "bottom-right"]),
            },
            (chance.randint(1, 900), chance.randint(1, 900)),
        )


@pytest.mark.parametrize(("wanted", "on"), list(random_texts()))
def test_never_cut_off(wanted: dict[str, Any], on: Size) -> None:
    """The whole text is on the image, whatever its length, rotation and margin."""
    watermark = Watermark(**wanted)
    stamp = make_stamp(watermark, None, on, on)
    left, top = place(watermark.position, on, stamp.size, round(min(on) * watermark.margin))
    # Rotation rounds the size up.
    assert left >= -1
    assert top >= -1
    assert left + stamp.width <= on[0] + 1
    assert top + stamp.height <= on[1] + 1


def test_a_tiled_text_is_bounded() -> None:
    """A tiled text has at most twice the image's pixels, whatever its size."""
    stamp = written("W" * 200, (400, 300), size=0.5, tiled=True)
    assert stamp.width * stamp.height <= 2 * 400 * 300
