"""Text as a picture."""

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from processor.images.plan.geometry import Size
from processor.images.recipe import Watermark

FONT = Path(__file__).parent / "fonts" / "NotoSans-Regular.ttf"
SMALLEST = 8
"""Letters are never smaller than this many pixels: below, they cannot be read."""
SOFTNESS = 0.5
"""Opacity of outline and shadow."""


def write(mark: Watermark, size: Size) -> Image.Image:
    """The mark's text as RGBA, for a picture of ``size``; small enough to fit its width."""
    text = mark.text or ""
    room = size[0] - 2 * min(size) * mark.margin
    letters = max(SMALLEST, round(min(size) * mark.size))
    width = load_font(letters).getlength(text) + letters / 8
    if not mark.tiled and width > room:
        letters = max(SMALLEST, int(letters * room / width))
        # Small letters are rounded to whole pixels, each by itself.
        while letters > SMALLEST and load_font(letters).getlength(text) + letters / 8 > room:
            letters -= 1
    font = load_font(letters)
    edge = max(1, round(letters / 16)) if mark.outline else 0
    blur, offset = (max(1, letters // 12), max(1, letters // 16)) if mark.shadow else (0, 0)
    spread = 3 * blur + offset
    left, top, right, bottom = (round(side) for side in font.getbbox(text, stroke_width=edge))
    box = (right - left + 2 * spread, bottom - top + 2 * spread)

    def drawn(shift: int, stroke: float) -> Image.Image:
        mask = Image.new("L", box)
        place = (spread - left + shift, spread - top + shift)
        ImageDraw.Draw(mask).text(place, text, fill=255, font=font, stroke_width=stroke)
        return mask

    stamp = Image.new("RGBA", box)
    if mark.shadow:
        soft = drawn(offset, edge).filter(ImageFilter.GaussianBlur(blur))
        stamp.alpha_composite(_colored(mark.shadow, soft, SOFTNESS))
    if mark.outline:
        around = ImageChops.subtract(drawn(0, edge), drawn(0, 0))
        stamp.alpha_composite(_colored(mark.outline, around, SOFTNESS))
    stamp.alpha_composite(_colored(mark.color, drawn(0, 0), 1))
    return stamp


def _colored(color: str, mask: Image.Image, opacity: float) -> Image.Image:
    layer = Image.new("RGB", mask.size, color).convert("RGBA")
    layer.putalpha(mask.point([round(tone * opacity) for tone in range(256)]))
    return layer


@lru_cache(maxsize=64)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """The font that ships with the engine, ``size`` pixels high."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
