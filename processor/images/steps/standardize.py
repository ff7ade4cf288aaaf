"""Convert to one of the modes that the other steps support: L, RGB, RGBA and CMYK."""

from PIL import Image

from processor.images.canvas import Canvas, Job

SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")
FOREIGN = ("I;16B", "I;16L", "I;16N")
"""Modes from which Pillow can only convert."""


def standardize(canvas: Canvas, _job: Job | None = None) -> Canvas:
    """Convert palettes to RGB or RGBA, 16-bit gray to 8-bit, and a color key to an alpha channel.

    An animation's frames get one mode.
    """
    canvas = canvas.map(_standard)
    if len({frame.mode for frame in canvas.frames}) > 1:
        canvas = canvas.map(lambda frame: frame.convert("RGBA"))
    return canvas


def _standard(image: Image.Image) -> Image.Image:
    if image.mode in SIXTEEN_BIT:
        is_wide = image.mode != "I"
        if image.mode in FOREIGN:
            image = image.convert("I")
        # 32-bit gray holds 8-bit or 16-bit tones, without a sign which.
        if is_wide or image.getextrema()[1] > 255:  # type: ignore[operator]
            image = image.point(lambda value: value / 256)
        return image.convert("L")
    if image.mode == "F":
        # Floating-point tones are those of 8 bits, or of 0 to 1 without a sign which.
        if not image.getextrema()[1] > 1:  # type: ignore[operator]
            image = image.point(lambda value: value * 255)
        return image.convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")
