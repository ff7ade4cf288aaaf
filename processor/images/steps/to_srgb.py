"""Convert from the image's ICC profile to sRGB, the color space that browsers assume.

With ``"color": "keep"``, images with a wider gamut are converted to Display P3 instead.
"""

from dataclasses import replace

from PIL import Image, ImageColor

from processor.images.canvas import Canvas, Job
from processor.images.icc import BT709, SRGB, display_p3, rgb_profile


def to_srgb(canvas: Canvas, job: Job | None = None) -> Canvas:
    """Convert to sRGB, or Display P3 if the job keeps it.

    Pixels without a usable profile are in sRGB already.
    """
    if canvas.profile is None:
        return _from_cmyk(canvas)
    # Imported for the first profile: LittleCMS takes as long as all steps together.
    from processor.images.color_management import conversion, is_wide  # noqa: PLC0415

    profile, mode = canvas.profile, canvas.image.mode
    target = None
    if job and job.keeps_color and mode in ("RGB", "RGBA") and is_wide(profile):
        target = display_p3()
    convert = conversion(profile, mode, target) if profile != target else None
    converted = canvas.map(convert) if convert else _from_cmyk(canvas)
    return replace(converted, profile=target)


def _from_cmyk(canvas: Canvas) -> Canvas:
    if canvas.image.mode != "CMYK":
        return canvas
    return canvas.map(lambda image: image.convert("RGB"))


def in_space_of(canvas: Canvas, image: Image.Image) -> Image.Image:
    """Return an image from sRGB, of mode RGB or RGBA, in the color space of the canvas."""
    if canvas.profile is None:
        return image
    from processor.images.color_management import conversion  # noqa: PLC0415  # as above

    convert = conversion(rgb_profile(BT709, SRGB), image.mode, canvas.profile)
    return convert(image) if convert else image


def color_in_space_of(canvas: Canvas, color: str) -> str:
    """Return a recipe's color, which is sRGB, in the color space of the canvas."""
    if canvas.profile is None:
        return color
    pixel = Image.new("RGBA", (1, 1), ImageColor.getcolor(color, "RGBA"))
    return f"#{in_space_of(canvas, pixel).tobytes().hex()[: len(color) - 1]}"
