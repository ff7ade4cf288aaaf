"""Text layout."""

import itertools
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, features

from processor.images.text.fonts import FIRST_GLYPH, FOLDER, bundled
from processor.images.text.layout import Line, lay_out

TEXTS = {
    "latin": ("NotoSans", "AVATAR Ta fi ffi Å\u0323"),
    "arabic": ("NotoSansArabic", "مرحبا بالعالم لا إلٰه"),
    "hebrew": ("NotoSansHebrew", "שָׁלוֹם עולם"),
    "devanagari": ("NotoSansDevanagari", "नमस्ते क्षत्रिय हिन्दी र्क"),
    "thai": ("NotoSansThai", "สวัสดี น้ำ ปั๊ม ที่นี่"),
}


def only(text: str) -> Line:
    """Return the line of a text."""
    (line,) = lay_out(text, bundled())
    return line


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow's HarfBuzz needs FriBidi here")
@pytest.mark.parametrize(("font", "text"), TEXTS.values(), ids=TEXTS)
def test_as_raqm(font: str, text: str) -> None:
    """Shaping and positions are those of Pillow's layout with HarfBuzz and FriBidi."""
    size = 100
    file: Path = FOLDER / f"{font}-Regular.ttf"
    loaded = ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.RAQM)
    line = only(text)
    box = (round(line.width * size) + 40, 240)
    expected, drawn = Image.new("L", box), Image.new("L", box)
    ImageDraw.Draw(expected).text((20, 150), text, fill=255, font=loaded, anchor="ls")
    for glyph in line.glyphs:
        ImageDraw.Draw(drawn).text(
            (20 + glyph.x * size, 150 - glyph.y * size),
            chr(FIRST_GLYPH + glyph.number),
            fill=255,
            font=glyph.font.at_size(size),
            anchor="ls",
        )
    # Pillow rounds each advance to whole pixels, or to 1/64.
    assert line.width * size == pytest.approx(loaded.getlength(text), abs=0.6 * len(text))
    wrong = sum(ImageChops.difference(drawn, expected).tobytes())
    assert wrong < 0.35 * sum(expected.tobytes())


@pytest.mark.parametrize("text", [*(text for _, text in TEXTS.values()), "a שלום 1 ب 😀 ก क"])
def test_no_boxes(text: str) -> None:
    """No glyph is the box for missing characters, number 0."""
    assert all(glyph.number for glyph in only(text).glyphs)


def test_letters_join() -> None:
    """Arabic letters have other shapes within a word, and consonants of Devanagari join."""
    lam, joined = only("ل"), only("للل")
    assert len({glyph.number for glyph in joined.glyphs} - {lam.glyphs[0].number}) == 3
    assert len(only("क्ष").glyphs) == 1


def test_emoji_sequences_are_one_glyph() -> None:
    """Families, flags, skin tones and keycaps are one visible glyph each."""
    for emoji in ("👨‍👩‍👧", "🇩🇪", "👍🏽", "1️⃣"):
        line = only(emoji)
        assert line.width == pytest.approx(only("😀").width, rel=0.3), emoji


def test_right_to_left() -> None:
    """Words are in visual order: the number is to the left of the Hebrew word before it."""
    hebrew, number = only("שלום"), only("12")
    line = only("שלום 12")
    assert [glyph.number for glyph in line.glyphs[:2]] == [glyph.number for glyph in number.glyphs]
    assert [glyph.number for glyph in line.glyphs[-4:]] == [glyph.number for glyph in hebrew.glyphs]
    mixed = only("ab שלום cd")
    assert mixed.glyphs[0].number == only("a").glyphs[0].number
    assert mixed.glyphs[-1].number == only("d").glyphs[0].number


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("aaaa bbbb cccc", ["aaaa", "bbbb", "cccc"]),
        ("aaaa-bbbb", ["aaaa-", "bbbb"]),
        ("aaaabbbb", ["aaaab", "bbb"]),
        ("a b c d", ["a b c", "d"]),
        ("aa  bbbb\n\ncc", ["aa", "bbbb", "", "cc"]),
        ("สวัสดีสวัสดี", None),
    ],
)
def test_breaks(text: str, lines: list[str] | None) -> None:
    """Lines break at spaces and after hyphens, and words only if they are too long."""
    width = only("aaaab").width * 1.05
    found = lay_out(text, bundled(), width)
    assert all(line.width <= width for line in found)
    if lines is not None:
        wanted = list(itertools.chain.from_iterable(lay_out(line, bundled()) for line in lines))
        assert [line.width for line in found] == pytest.approx([line.width for line in wanted])


def test_a_letter_wider_than_the_line() -> None:
    """A single letter is never dropped, however narrow the line is."""
    assert [len(line.glyphs) for line in lay_out("WWW", bundled(), 0)] == [1, 1, 1]


def test_the_ink_contains_all_marks() -> None:
    """Stacked marks extend the ink beyond the line's height."""
    line = only("Z" + "\u0301" * 8)
    assert -line.ink[1] > line.ascent
