"""Text watermark: lines of text with outline and shadow, drawn as an image."""

import math
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from processor.images.errors import ImageError
from processor.images.plan.geometry import Size, anchor, bounds
from processor.images.recipe import Watermark
from processor.images.text.fonts import FIRST_GLYPH, Font, FontError, bundled, cleaned
from processor.images.text.layout import Line, lay_out

MIN_FONT_SIZE = 8
"""Pixels; smaller letters are illegible."""
SOFT_OPACITY = 0.5
"""Opacity of outline and shadow."""
MIN_ROOM = 0.25
"""Part of the image's width and height that a text may take, however large the margin is."""
MAX_TILE = 2
"""Pixels of a tiled text, as a multiple of the image's."""


def draw_text(watermark: Watermark, size: Size, font: Font | None = None) -> Image.Image:
    """Return the text as RGBA, small enough for an image of ``size``, also when it is rotated.

    ``font`` is used before the bundled ones. Raises ``ImageError`` if it is broken.
    """
    text, fonts = cleaned(watermark.text or ""), (*([font] if font else []), *bundled())
    try:
        font_size, lines = fit(watermark, text, fonts, size)
        stamp = _draw(watermark, lines, font_size)
    except (FontError, OSError) as error:
        raise ImageError(
            "missing-watermark",
            f"The font {watermark.font!r}, which the recipe names, is damaged: {error}. "
            "Replace the file.",
        ) from error
    part = _part(watermark, size, stamp.size)
    if part < 1:
        # Smaller than legible letters, but whole.
        smaller = max(1, int(stamp.width * part)), max(1, int(stamp.height * part))
        return stamp.resize(smaller, Image.Resampling.LANCZOS)
    return stamp


def fit(
    watermark: Watermark, text: str, fonts: Sequence[Font], size: Size
) -> tuple[int, list[Line]]:
    """Return the largest font size, up to the wanted, at which the text fits, and its lines.

    Below the smallest font size, lines break.
    """
    room = _room(watermark, size)[0]
    widest = min(room, size[0] * watermark.max_width) if watermark.max_width else None
    font_size = max(MIN_FONT_SIZE, round(min(size) * watermark.size))
    while True:
        spread = 2 * _spread(watermark, font_size)
        width = max(0.0, (widest - spread) / font_size) if widest else None
        lines = lay_out(text, fonts, width)
        box = _box(lines, font_size)
        part = _part(watermark, size, (box[0] + spread, box[1] + spread))
        if part >= 1:
            return font_size, lines
        if font_size == MIN_FONT_SIZE:
            break
        # Lines that break get shorter faster than their letters get smaller.
        smaller = int(font_size * (math.sqrt(part) if widest else part))
        font_size = max(MIN_FONT_SIZE, min(font_size - 1, smaller))
    return font_size, lay_out(text, fonts, max(0.0, (room - spread) / font_size))


def _part(watermark: Watermark, size: Size, box: tuple[float, float]) -> float:
    """Return the factor, at most 1, by which a text must shrink to fit into an image."""
    across, down = bounds(max(1, box[0]), max(1, box[1]), watermark.rotation)
    if watermark.tiled:
        return min(1.0, math.sqrt(MAX_TILE * size[0] * size[1] / (across * down)))
    room = _room(watermark, size)
    return min(1.0, room[0] / across, room[1] / down)


def _room(watermark: Watermark, size: Size) -> tuple[float, float]:
    """Return the width and height of an image that a text may take."""
    margin = min(size) * watermark.margin
    width, height = (max(MIN_ROOM * side, side - 2 * margin) for side in size)
    return width, height


def _box(lines: Sequence[Line], font_size: int) -> tuple[float, float]:
    """Return width and height of the lines, in pixels."""
    height = sum(line.ascent + line.descent for line in lines)
    return max(line.width for line in lines) * font_size, height * font_size


def _edge(watermark: Watermark, font_size: int) -> int:
    return max(1, round(font_size / 16)) if watermark.outline else 0


def _shadow(watermark: Watermark, font_size: int) -> tuple[int, int]:
    """Return blur and offset of the shadow."""
    return (max(1, font_size // 12), max(1, font_size // 16)) if watermark.shadow else (0, 0)


def _spread(watermark: Watermark, font_size: int) -> int:
    """Return the pixels that outline and shadow add on each side."""
    blur, offset = _shadow(watermark, font_size)
    return _edge(watermark, font_size) + 3 * blur + offset


def _draw(watermark: Watermark, lines: Sequence[Line], font_size: int) -> Image.Image:
    edge = _edge(watermark, font_size)
    blur, offset = _shadow(watermark, font_size)
    align = anchor(watermark.position)[0]
    outlined = _mask(lines, font_size, align, edge, edge)
    letters = _mask(lines, font_size, align, 0, edge) if edge else outlined
    left, top, right, bottom = outlined.getbbox() or (0, 0, 1, 1)
    around = 3 * blur + offset
    visible = left - around, top - around, right + around, bottom + around
    letters, outlined = letters.crop(visible), outlined.crop(visible)
    stamp = Image.new("RGBA", letters.size)
    if watermark.shadow:
        soft = ImageChops.offset(outlined, offset).filter(ImageFilter.GaussianBlur(blur))
        stamp.alpha_composite(_colored(watermark.shadow, soft, SOFT_OPACITY))
    if watermark.outline:
        ring = ImageChops.subtract(outlined, letters)
        stamp.alpha_composite(_colored(watermark.outline, ring, SOFT_OPACITY))
    stamp.alpha_composite(_colored(watermark.color, letters, 1))
    return stamp


def _mask(
    lines: Sequence[Line], font_size: int, align: float, stroke: int, around: int
) -> Image.Image:
    """Draw the lines' letters, widened by ``stroke``, with ``around`` pixels on each side."""
    width, _ = _box(lines, font_size)
    lefts = [align * (width - line.width * font_size) for line in lines]
    bases, top = [], 0.0
    for line in lines:
        bases.append(round(top + line.ascent * font_size))
        top += (line.ascent + line.descent) * font_size
    placed = list(zip(lines, lefts, bases, strict=True))
    left = min(x + line.ink[0] * font_size for line, x, _ in placed)
    top = min(base + line.ink[1] * font_size for line, _, base in placed)
    right = max(x + line.ink[2] * font_size for line, x, _ in placed)
    bottom = max(base + line.ink[3] * font_size for line, _, base in placed)
    # Hinting moves edges by up to a pixel.
    room = around + 2
    drawn = Image.new("L", (math.ceil(right - left) + 2 * room, math.ceil(bottom - top) + 2 * room))
    draw = ImageDraw.Draw(drawn)
    down = room - math.floor(top)
    for line, start, base in placed:
        for font, number, x, y in line.glyphs:
            draw.text(
                (start + x * font_size - left + room, base - round(y * font_size) + down),
                chr(FIRST_GLYPH + number),
                fill=255,
                font=font.at_size(font_size),
                stroke_width=stroke,
                anchor="ls",
            )
    return drawn


def _colored(color: str, mask: Image.Image, opacity: float) -> Image.Image:
    layer = Image.new("RGB", mask.size, color).convert("RGBA")
    layer.putalpha(mask.point([round(tone * opacity) for tone in range(256)]))
    return layer
