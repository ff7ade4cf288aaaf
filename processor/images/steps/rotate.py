"""Turn the picture by any angle."""

from PIL import Image, ImageColor

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import RIGHT_ANGLES, Turned
from processor.images.scale import scale
from processor.images.steps.orient import TURNS


def rotate(canvas: Canvas, job: Job) -> Canvas:
    """Turn clockwise; at odd angles the corners that appear get the background's color."""
    asked = job.rendition.rotate
    angle = asked.angle % 360 if asked else 0
    if asked is None or angle == 0:
        return canvas
    if angle in RIGHT_ANGLES:
        turn = TURNS[RIGHT_ANGLES[int(angle)]]
        return canvas.map(lambda image: image.transpose(turn))
    turned = job.geometry.turned
    assert turned is not None  # noqa: S101  # planned with the same angle
    return canvas.map(lambda image: _odd(image, angle, asked.background, turned))


def _odd(image: Image.Image, angle: float, background: str, turned: Turned) -> Image.Image:
    """Turn in premultiplied alpha, so that the edge mixes with what is behind it, smoothly."""
    premultiplied = image.convert("RGBA").convert("RGBa")
    premultiplied = premultiplied.rotate(-angle, Image.Resampling.BICUBIC, expand=True)
    scaled = scale(premultiplied.convert("RGBA"), turned.size, turned.region)
    color = ImageColor.getcolor(background, "RGBA")
    if color[3] == 0:  # type: ignore[index]
        return scaled
    behind = Image.new("RGBA", scaled.size, color)
    behind.alpha_composite(scaled)
    return behind if color[3] < 255 else behind.convert("RGB")  # type: ignore[index]
