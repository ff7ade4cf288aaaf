"""Rotate by any angle."""

from PIL import Image, ImageColor

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import RIGHT_ANGLES, Rotated
from processor.images.steps.orient import TURNS
from processor.images.steps.resampling import scale
from processor.images.steps.to_srgb import color_in_space_of


def rotate(canvas: Canvas, job: Job) -> Canvas:
    """Rotate clockwise; at odd angles, fill the new corners with the background."""
    asked, angle = job.rendition.rotate, job.rendition.rotation
    if asked is None or angle == 0:
        return canvas
    if angle in RIGHT_ANGLES:
        turn = TURNS[RIGHT_ANGLES[int(angle)]]
        return canvas.map(lambda image: image.transpose(turn))
    rotated = job.geometry.rotated
    assert rotated is not None  # noqa: S101  # planned with the same angle
    background = color_in_space_of(canvas, asked.background)
    return canvas.map(lambda image: _odd(image, angle, background, rotated))


def _odd(image: Image.Image, angle: float, background: str, rotated: Rotated) -> Image.Image:
    """Rotate in premultiplied alpha, which gives a smooth edge of the background's color."""
    premultiplied = image.convert("RGBA").convert("RGBa")
    premultiplied = premultiplied.rotate(-angle, Image.Resampling.BICUBIC, expand=True)
    scaled = scale(premultiplied.convert("RGBA"), rotated.size, rotated.region)
    color = ImageColor.getcolor(background, "RGBA")
    if color[3] == 0:  # type: ignore[index]
        return scaled
    behind = Image.new("RGBA", scaled.size, color)
    behind.alpha_composite(scaled)
    return behind if color[3] < 255 else behind.convert("RGB")  # type: ignore[index]
