"""Bring every kind of pixel to one of L, RGB, RGBA and CMYK, which the other steps know."""

from PIL import Image

from processor.images.canvas import Canvas

SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")
FOREIGN = ("I;16B", "I;16L", "I;16N")
"""Of these, Pillow can only make others."""


def standardize(canvas: Canvas) -> Canvas:
    """Palettes become RGB or RGBA, 16 bit gray 8 bit; a color key becomes an alpha channel."""
    frames = tuple(map(_standard, canvas.frames))
    if len({frame.mode for frame in frames}) > 1:
        frames = tuple(frame.convert("RGBA") for frame in frames)
    return canvas.with_frames(frames)


def _standard(image: Image.Image) -> Image.Image:
    if image.mode in SIXTEEN_BIT:
        is_wide = image.mode != "I"
        if image.mode in FOREIGN:
            image = image.convert("I")
        # 32 bit holds 8 bit or 16 bit tones, and says nowhere which.
        if is_wide or image.getextrema()[1] > 255:  # type: ignore[operator]
            image = image.point(lambda value: value / 256)
        return image.convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode in ("1", "F") else "RGB")
