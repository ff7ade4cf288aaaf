"""Apply the EXIF orientation."""

from dataclasses import replace

from PIL.Image import Transpose

from processor.images.canvas import Canvas, Job

TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF 2.3, table 4 ("Orientation"): what undoes each value."""


def orient(canvas: Canvas, _job: Job | None = None) -> Canvas:
    """Apply the EXIF orientation, after scaling: a large image would be in memory twice."""
    turn = TURNS.get(canvas.orientation)
    if turn is None:
        return canvas
    return replace(canvas.map(lambda image: image.transpose(turn)), orientation=1)
