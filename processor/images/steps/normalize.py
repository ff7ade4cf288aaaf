"""Stretch the tones to the full range."""

from collections.abc import Sequence
from itertools import accumulate

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.color import (
    look_up,
    luminance,
    table,
)

FLAT = 2
"""Pictures whose tones lie no further apart are of one color: stretching shows only noise."""


def normalize(canvas: Canvas, job: Job) -> Canvas:
    """Make the darkest tone black and the brightest white, alike in all channels and frames.

    Measured on the luminance of the first frame, so that colors keep their hue and an animation
    does not flicker.
    """
    clipped = job.rendition.normalize
    if clipped is None:
        return canvas
    low, high = tonal_range(canvas.image, clipped)
    if high - low <= FLAT:
        return canvas
    tones = table(lambda tone: (255 * tone - low) / (high - low))
    return canvas.map(lambda image: look_up(image, tones))


def tonal_range(image: Image.Image, clipped: float) -> tuple[int, int]:
    """The darkest and the brightest tone, leaving out a fraction of the visible pixels at each."""
    visible = image.getchannel("A") if image.mode == "RGBA" else None
    counts = luminance(image).histogram(visible)
    return first_above(counts, clipped), 255 - first_above(counts[::-1], clipped)


def first_above(counts: Sequence[int], fraction: float) -> int:
    """The first tone up to which there is more than this fraction of all pixels."""
    enough = sum(counts) * fraction
    return next((tone for tone, sofar in enumerate(accumulate(counts)) if sofar > enough), 0)
