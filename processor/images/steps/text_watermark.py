"""Text watermark: a line of text with outline and shadow, drawn as an image."""

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from processor.images.plan.geometry import Size
from processor.images.recipe import Watermark

FONT = Path(__file__).parent / "fonts" / "NotoSans-Regular.ttf"
MIN_FONT_SIZE = 8
"""Pixels; smaller letters are illegible."""
SOFT_OPACITY = 0.5
"""Opacity of outline and shadow."""


def draw_text(watermark: Watermark, size: Size) -> Image.Image:
    """Return the text as RGBA, small enough for the width of an image of ``size``."""
    text = watermark.text or ""
    room = size[0] - 2 * min(size) * watermark.margin
    font_size = max(MIN_FONT_SIZE, round(min(size) * watermark.size))
    width = load_font(font_size).getlength(text) + font_size / 8
    if not watermark.tiled and width > room:
        font_size = max(MIN_FONT_SIZE, int(font_size * room / width))
        # The widths of small letters are rounded to whole pixels, one by one.
        while (
            font_size > MIN_FONT_SIZE
            and load_font(font_size).getlength(text) + font_size / 8 > room
        ):
            font_size -= 1
    font = load_font(font_size)
    edge = max(1, round(font_size / 16)) if watermark.outline else 0
    blur, offset = (
        (max(1, font_size // 12), max(1, font_size // 16)) if watermark.shadow else (0, 0)
    )
    spread = 3 * blur + offset
    left, top, right, bottom = (round(side) for side in font.getbbox(text, stroke_width=edge))
    box = (right - left + 2 * spread, bottom - top + 2 * spread)

    def mask(shift: int, stroke: float) -> Image.Image:
        drawn = Image.new("L", box)
        corner = (spread - left + shift, spread - top + shift)
        ImageDraw.Draw(drawn).text(corner, text, fill=255, font=font, stroke_width=stroke)
        return drawn

    stamp = Image.new("RGBA", box)
    if watermark.shadow:
        soft = mask(offset, edge).filter(ImageFilter.GaussianBlur(blur))
        stamp.alpha_composite(_colored(watermark.shadow, soft, SOFT_OPACITY))
    if watermark.outline:
        around = ImageChops.subtract(mask(0, edge), mask(0, 0))
        stamp.alpha_composite(_colored(watermark.outline, around, SOFT_OPACITY))
    stamp.alpha_composite(_colored(watermark.color, mask(0, 0), 1))
    return stamp


def _colored(color: str, mask: Image.Image, opacity: float) -> Image.Image:
    layer = Image.new("RGB", mask.size, color).convert("RGBA")
    layer.putalpha(mask.point([round(tone * opacity) for tone in range(256)]))
    return layer


@lru_cache(maxsize=64)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """Return the bundled font at ``size`` pixels."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
