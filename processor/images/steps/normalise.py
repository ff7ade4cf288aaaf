"""Bring every kind of pixel to one of L, RGB, RGBA and CMYK, which the other steps know."""

from dataclasses import replace

from processor.images.canvas import Canvas

SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")


def normalise(canvas: Canvas) -> Canvas:
    """Palettes become RGB or RGBA, 16 bit grey 8 bit; a colour key becomes an alpha channel."""
    image = canvas.image
    if image.mode in SIXTEEN_BIT:
        # 32 bit holds 8 bit or 16 bit tones, and says nowhere which.
        if image.mode != "I" or image.getextrema()[1] > 255:  # type: ignore[operator]
            image = image.point(lambda value: value / 256)
        return replace(canvas, image=image.convert("L"))
    if image.has_transparency_data:
        return canvas if image.mode == "RGBA" else replace(canvas, image=image.convert("RGBA"))
    if image.mode in ("L", "RGB", "CMYK"):
        return canvas
    return replace(canvas, image=image.convert("L" if image.mode in ("1", "F") else "RGB"))
