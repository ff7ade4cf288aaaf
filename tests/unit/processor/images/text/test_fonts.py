"""Fonts of texts, and the characters that they have."""

import io
import struct

import pytest
from PIL import Image, ImageFont

from processor.images.text.fonts import (
    FIRST_GLYPH,
    FOLDER,
    MAX_BYTES,
    PLAIN,
    Font,
    FontError,
    bundled,
    choose,
    cleaned,
    missing,
    named,
)

SCRIPTS = {
    "latin": "ABCabcÅØßẞǅ Việt Nam",
    "greek": "ΑΩαωάϊ Ὀδυσσεύς",
    "cyrillic": "АЯаяЁёЂђЇїҰұ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي ؟،؛ ًٌٍَُِّْ",
    "persian": "پچژگکی ۰۱۲۳۴۵۶۷۸۹",
    "urdu": "ٹڈڑںہےھ",
    "hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת שָׁלוֹם",
    "devanagari": "अआइईउऊएऐओऔकखगघङ क्षत्रज्ञ हिन्दी ०१२",
    "thai": "กขฃคฅฆงจฉชซ สวัสดี น้ำ ปั๊ม ๐๑๒",
    "emoji": "😀👨‍👩‍👧🇩🇪👍🏽❤️1️⃣🏳️‍🌈🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "signs": "© ® ™ € £ ¥ ₹ ₪ ¡ ¿ « » “ ” \u2013 — … • ° № †",
}


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_scripts(text: str) -> None:
    """Each script has a font that ships with the engine."""
    assert missing(cleaned(text)) == []


def test_plain_characters() -> None:
    """The characters that are not looked up are in Noto Sans."""
    assert {each for each in PLAIN if not bundled()[0].has(each)} == set()


@pytest.mark.parametrize(
    ("text", "lacking"),
    [("日本 a 日", ["日", "本"]), ("a\x07", ["\x07"]), ("\ue000", ["\ue000"]), ("ก௧", ["௧"])],
)
def test_missing(text: str, lacking: list[str]) -> None:
    """Characters that no font has are returned once each: ideographs, controls, private ones."""
    assert missing(text) == lacking


def test_named() -> None:
    """Missing characters are named with their code point and Unicode name."""
    assert named(["日", "\x07"]) == ("日 (U+65E5, CJK UNIFIED IDEOGRAPH-65E5), (U+0007, no name)")


@pytest.mark.parametrize(
    ("parts", "fonts"),
    [
        ([*"ab", " ", "ש", " ", "ב", "!"], "NNNHHHH"),
        (["\u0627", "،", " ", "\u0661", "2"], "AAAAN"),
        (["❤️", "❤", "1", "1️⃣", " "], "EENEN"),
    ],
)
def test_choice(parts: list[str], fonts: str) -> None:
    """Punctuation has the font of the text before it, and emoji style the font of emoji."""
    names = dict(zip(bundled(), "NAHDTE", strict=True))
    assert "".join(names[font] if font else "-" for font in choose(parts, bundled())) == fonts


def test_cleaned() -> None:
    """Texts are in NFC, and newlines of all kinds are line breaks."""
    assert cleaned("e\u0301\r\na\u2029b\tc\n") == "é\na\nb c"


def test_glyphs_by_number() -> None:
    """The copy for drawing has each glyph as a character, which looks as in the original."""
    data = (FOLDER / "NotoSansThai-Regular.ttf").read_bytes()
    font = Font(data)
    number = font.shaper.get_nominal_glyph(ord("ก"))
    basic = ImageFont.Layout.BASIC
    original = ImageFont.truetype(io.BytesIO(data), 200, layout_engine=basic).getmask("ก")
    drawn = font.at_size(200).getmask(chr(FIRST_GLYPH + number))
    # FreeType hints letters by their script.
    assert drawn.size == pytest.approx(original.size, abs=1)
    assert sum(bytes(drawn)) == pytest.approx(sum(bytes(original)), rel=0.02)


def collection(data: bytes) -> bytes:
    """Return a font as a collection of one (OpenType 1.9, "Font collections")."""
    header = struct.pack(">4sHHLL", b"ttcf", 1, 0, 1, 16)
    moved = bytearray(data)
    for record in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16):
        (offset,) = struct.unpack_from(">L", data, record + 8)
        struct.pack_into(">L", moved, record + 8, offset + 16)
    return header + bytes(moved)


def test_collection() -> None:
    """The first font of a collection is used."""
    data = (FOLDER / "NotoSansThai-Regular.ttf").read_bytes()
    one, other = Font(data), Font(collection(data))
    assert one.characters == other.characters
    glyph = chr(FIRST_GLYPH + 20)
    assert bytes(one.at_size(40).getmask(glyph)) == bytes(other.at_size(40).getmask(glyph))


@pytest.mark.parametrize("cut", [0, 3, 4, 12, 40, 200, 3000, 20_000])
@pytest.mark.parametrize("start", [b"", b"wOF2", b"ttcf", b"OTTO"])
def test_broken(cut: int, start: bytes) -> None:
    """A file that is no font, or is cut off, is refused, or drawn as far as it goes."""
    data = (FOLDER / "NotoSansThai-Regular.ttf").read_bytes()
    try:
        font = Font((start + data[len(start) :])[:cut])
        font.at_size(20).getmask(chr(FIRST_GLYPH))
    except FontError:
        pass
    assert len(data) < MAX_BYTES


def test_not_a_font() -> None:
    """An image is no font."""
    file = io.BytesIO()
    Image.new("L", (3, 3)).save(file, "PNG")
    with pytest.raises(FontError, match="not a TrueType"):
        Font(file.getvalue())
