"""Hue rotation."""

from math import cos, radians, sin

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import Row, blended, mix
from processor.images.steps.saturation import GRAY

ASIDE = ((-0.213, -0.715, 0.928), (0.143, 0.140, -0.283), (-0.787, 0.715, 0.072))
"""Matrix that the sine of the angle is multiplied with."""


def hue(canvas: Canvas, job: Job) -> Canvas:
    """Rotate all hues, from red over yellow to green, as CSS's ``hue-rotate()``.

    https://www.w3.org/TR/filter-effects-1/#funcdef-filter-hue-rotate
    """
    angle = job.rendition.hue
    if angle is None:
        return canvas
    rows = rotation_matrix(angle)

    def rotate(image: Image.Image) -> Image.Image:
        return image if image.mode == "L" else mix(image, rows)

    return canvas.map(rotate)


def rotation_matrix(angle: float) -> list[Row]:
    """Return the matrix of ``feColorMatrix`` with ``type="hueRotate"`` for an angle in degrees."""
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    along = blended(GRAY, 1 - cosine)
    return [
        (row[0] + sine * side[0], row[1] + sine * side[1], row[2] + sine * side[2])
        for row, side in zip(along, ASIDE, strict=True)
    ]
