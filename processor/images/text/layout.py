"""Text layout: lines of shaped glyphs, with their positions, in parts of the font's size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from processor.images.text.bidi import embedding_levels, visual_order
from processor.images.text.clusters import breaks_between, clusters, script
from processor.images.text.fonts import Font, choose


class Glyph(NamedTuple):
    """A glyph of a font, and the place of its origin."""

    font: Font
    number: int
    x: float
    y: float
    """Upward from the line's base."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text."""

    glyphs: tuple[Glyph, ...]
    width: float
    ascent: float
    descent: float
    ink: tuple[float, float, float, float]
    """Left, top, right and bottom of all glyphs, downward from the line's base."""


def lay_out(text: str, fonts: Sequence[Font], width: float | None = None) -> list[Line]:
    """Return the lines of a cleaned text whose characters the fonts have.

    With ``width``, lines break between words (in some scripts between any letters) so that they
    are no wider; a longer word breaks anywhere.
    """
    return [
        line for paragraph in text.split("\n") for line in _lines(paragraph, tuple(fonts), width)
    ]


@lru_cache(maxsize=256)
def _line(text: str, levels: tuple[int, ...], fonts: tuple[Font, ...]) -> Line:
    """Shape a line. ``levels`` are those of its characters within the whole paragraph."""
    runs = list(_runs(text, levels, fonts))
    glyphs: list[Glyph] = []
    x, ink = 0.0, [(0.0, 0.0, 0.0, 0.0)]
    for number in visual_order([level for _, level, _, _ in runs]):
        font, level, start, end = runs[number]
        for glyph, dx, dy, advance in _shaped(font, text, start, end, level):
            glyphs.append(Glyph(font, glyph, x + dx, dy))
            if extents := font.shaper.get_glyph_extents(glyph):
                left = x + dx + extents.x_bearing / font.face.upem
                top = -dy - extents.y_bearing / font.face.upem
                right = left + extents.width / font.face.upem
                ink.append((left, top, right, top - extents.height / font.face.upem))
            x += advance
    used = {font for font, *_ in runs} or {fonts[0]}
    lefts, tops, rights, bottoms = zip(*ink, strict=True)
    return Line(
        tuple(glyphs),
        x,
        ascent=max(font.ascent for font in used),
        descent=max(font.descent for font in used),
        ink=(min(lefts), min(tops), max(rights), max(bottoms)),
    )


def _lines(paragraph: str, fonts: tuple[Font, ...], width: float | None) -> Iterator[Line]:
    levels = tuple(embedding_levels(paragraph))

    def line(start: int, end: int) -> Line:
        shown = paragraph[start:end].rstrip(" ")
        return _line(shown, levels[start : start + len(shown)], fonts)

    whole = line(0, len(paragraph))
    if width is None or whole.width <= width:
        yield whole
        return
    parts = clusters(paragraph)
    places = [0]
    for part in parts:
        places.append(places[-1] + len(part))
    start = 0
    while start < len(parts):
        end = start + 1
        fitting = start + 1
        while end <= len(parts) and line(places[start], places[end]).width <= width:
            fitting = end
            end += 1
        stop = fitting
        if fitting < len(parts):
            stop = next((at for at in range(fitting, start, -1) if _may_break(parts, at)), fitting)
        yield line(places[start], places[stop])
        start = stop
        while start < len(parts) and parts[start] == " ":
            start += 1


def _may_break(parts: Sequence[str], at: int) -> bool:
    """Whether a line can end before the part at ``at``."""
    return parts[at] == " " or parts[at - 1] == " " or breaks_between(parts[at - 1], parts[at])


def _runs(
    text: str, levels: Sequence[int], fonts: Sequence[Font]
) -> Iterator[tuple[Font, int, int, int]]:
    """Yield font, level, start and end of each part of one font, level and script."""
    parts = clusters(text)
    place, current, items = 0, "", []
    for part, font in zip(parts, choose(parts, fonts), strict=True):
        current = script(part[0]) or current
        items.append((font or fonts[0], levels[place], current, place, place + len(part)))
        place += len(part)
    for (font, level, _), run in groupby(items, key=lambda item: item[:3]):
        places = [(start, end) for *_, start, end in run]
        yield font, level, places[0][0], places[-1][1]


def _shaped(
    font: Font, text: str, start: int, end: int, level: int
) -> Iterator[tuple[int, float, float, float]]:
    """Yield number, offsets and advance of each glyph of a run, from left to right."""
    import uharfbuzz as hb  # noqa: PLC0415  # as in fonts.py

    buffer = hb.Buffer()
    buffer.add_str(text, start, end - start)
    buffer.direction = "rtl" if level % 2 else "ltr"
    buffer.language = "und"
    buffer.guess_segment_properties()
    hb.shape(font.shaper, buffer)
    scale = font.face.upem
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        yield (
            info.codepoint,
            place.x_offset / scale,
            place.y_offset / scale,
            place.x_advance / scale,
        )
