"""Fonts: which characters they have, and their glyphs by number.

Glyphs are selected by HarfBuzz, and drawn by Pillow, which knows characters alone. So each font is
drawn from a copy whose characters from ``FIRST_GLYPH`` on are its glyphs. (Pillow's own use of
HarfBuzz needs FriBidi, which is not in its wheels and not in Lambda's runtime.)
"""

import io
import struct
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path

from PIL import ImageFont

from processor.images.text.clusters import EMOJI_STYLE, clusters, is_invisible

FOLDER = Path(__file__).parent / "fonts"
BUNDLED = (
    "NotoSans", "NotoSansArabic", "NotoSansHebrew", "NotoSansDevanagari", "NotoSansThai",
    "NotoEmoji",
)  # fmt: skip
"""Fonts that ship with the engine, in the order in which they are used."""

FIRST_GLYPH = 0xF0000
"""Plane 15, for private use, has a character for each of the 65,536 glyphs of a font."""
MAX_BYTES = 32 * 1024 * 1024
"""Largest font file: fonts of Chinese, Japanese and Korean have up to 20 MB."""
SIGNATURES = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")
"""TrueType and OpenType fonts, and collections."""
PLAIN = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180))))
"""Characters of Basic Latin, Latin-1 and Latin Extended-A, which Noto Sans has."""


class FontError(Exception):
    """A font file that cannot be used. The message says why."""


class Font:
    """A font of outlines."""

    def __init__(self, data: bytes, *, is_emoji: bool = False) -> None:
        """Parse a font's tables. Raises ``FontError``."""
        # Imported for the first text that is not Latin: most functions never get one.
        import uharfbuzz as hb  # noqa: PLC0415

        if not data.startswith(SIGNATURES):
            raise FontError("it is not a TrueType or OpenType font (.ttf, .otf, .ttc)")
        if len(data) > MAX_BYTES:
            raise FontError(f"it has {len(data):,} bytes; at most {MAX_BYTES:,} are accepted")
        self._data = data
        self.is_emoji = is_emoji
        self.face = hb.Face(data)
        if not {"glyf", "CFF ", "CFF2"} & set(self.face.table_tags):
            raise FontError("it has no outlines, only bitmaps")
        self.shaper = hb.Font(self.face)
        extents = self.shaper.get_font_extents("ltr")
        self.ascent = max(0.0, extents.ascender / self.face.upem)
        """Of a line, in parts of the font's size."""
        self.descent = max(0.0, -extents.descender / self.face.upem)

    @cached_property
    def characters(self) -> frozenset[str]:
        """All characters that have a glyph."""
        return frozenset(map(chr, self.face.unicodes))

    @cached_property
    def _drawable(self) -> bytes:
        """The file with ``FIRST_GLYPH`` and those after it as its only characters.

        Source: OpenType 1.9, "Organization of an OpenType font", and "cmap", format 12.
        """
        start = struct.unpack_from(">L", self._data, 12)[0] if self._data[:4] == b"ttcf" else 0
        (tables,) = struct.unpack_from(">H", self._data, start + 4)
        last = FIRST_GLYPH + min(self.face.glyph_count, 0x10000) - 1
        characters = struct.pack(
            ">HHHHLHHLLLLLL", 0, 1, 3, 10, 12, 12, 0, 28, 0, 1, FIRST_GLYPH, last, 0
        )
        for record in range(start + 12, start + 12 + 16 * tables, 16):
            if self._data[record : record + 4] == b"cmap":
                place = struct.pack(">LL", len(self._data), len(characters))
                return b"".join(
                    (self._data[: record + 8], place, self._data[record + 16 :], characters)
                )
        raise FontError("it has no table of characters")

    @lru_cache(maxsize=16)  # noqa: B019  # fonts live as long as the process
    def at_size(self, pixels: int) -> ImageFont.FreeTypeFont:
        """Return the font for drawing glyphs at a size. Raises ``FontError``."""
        try:
            return ImageFont.truetype(
                io.BytesIO(self._drawable), pixels, layout_engine=ImageFont.Layout.BASIC
            )
        except OSError as error:
            raise FontError(f"FreeType cannot read it: {error}") from error

    def has(self, cluster: str) -> bool:
        """Whether the font has glyphs for all characters of a cluster."""
        return all(each in self.characters or is_invisible(each) for each in cluster) or all(
            each in self.characters or is_invisible(each)
            for each in unicodedata.normalize("NFD", cluster)
        )


@cache
def bundled() -> tuple[Font, ...]:
    """Return the fonts that ship with the engine."""
    return tuple(
        Font((FOLDER / f"{name}-Regular.ttf").read_bytes(), is_emoji=name == "NotoEmoji")
        for name in BUNDLED
    )


def choose(text: Sequence[str], fonts: Sequence[Font]) -> list[Font | None]:
    """Return a font for each cluster: the first that has it, or None.

    Punctuation and spaces use the font of the text before them, so that it is not split.
    """
    chosen: list[Font | None] = []
    for cluster in text:
        before = chosen[-1] if chosen else None
        candidates = (
            sorted(fonts, key=lambda font: not font.is_emoji) if (EMOJI_STYLE in cluster) else fonts
        )
        if not cluster[0].isalnum() and before and not before.is_emoji:
            candidates = (before, *candidates) if EMOJI_STYLE not in cluster else candidates
        chosen.append(next((font for font in candidates if font.has(cluster)), None))
    return chosen


def missing(text: str, fonts: Sequence[Font] | None = None) -> list[str]:
    """Return the characters of a cleaned text that none of the fonts, by default the bundled, has.

    If each character has a glyph, but no font has all of a cluster's, the cluster is returned.
    """
    if fonts is None:
        if PLAIN.issuperset(text.replace("\n", "")):
            return []
        fonts = bundled()
    parts = clusters(text.replace("\n", ""))
    found: list[str] = []
    for cluster, font in zip(parts, choose(parts, fonts), strict=True):
        if font is None:
            alone = [each for each in cluster if not any(font.has(each) for font in fonts)]
            found += alone or [cluster]
    return list(dict.fromkeys(found))


def named(characters: Iterable[str]) -> str:
    """Return characters with their names, for error messages."""
    return ", ".join(" + ".join(_named(each) for each in cluster) for cluster in characters)


def _named(each: str) -> str:
    shown = f"{each} " if each.isprintable() else ""
    name = unicodedata.name(each, "no name")
    return f"{shown}(U+{ord(each):04X}, {name})"


def cleaned(text: str) -> str:
    """Return a text in NFC, with newlines as line breaks and tabs as spaces."""
    lines = unicodedata.normalize("NFC", text).replace("\t", " ").splitlines()
    return "\n".join(lines).strip("\n")
