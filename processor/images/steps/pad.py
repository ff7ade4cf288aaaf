"""Padding."""

from PIL import Image, ImageColor

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import Size
from processor.images.steps.to_srgb import color_in_space_of


def pad(canvas: Canvas, job: Job) -> Canvas:
    """Add a margin outside the image's size."""
    asked = job.rendition.pad
    if asked is None:
        return canvas
    top, right, bottom, left = (
        round(job.pixels(side)) for side in (asked.top, asked.right, asked.bottom, asked.left)
    )
    width, height = canvas.image.size
    size = (left + width + right, top + height + bottom)
    color = color_in_space_of(canvas, asked.color)
    return canvas.map(lambda image: surround(image, size, (left, top), color))


def surround(
    image: Image.Image, size: Size, corner: tuple[int, int], background: str
) -> Image.Image:
    """Return the image at ``corner`` of a larger background, which doesn't show through it."""
    color = ImageColor.getcolor(background, "RGBA")
    is_opaque = image.mode != "RGBA" and color[3] == 255  # type: ignore[index]
    larger = Image.new("RGB", size, background) if is_opaque else Image.new("RGBA", size, color)
    larger.paste(image.convert(larger.mode), corner)
    return larger
