"""Tone normalization."""

from collections.abc import Sequence
from itertools import accumulate

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import look_up, luminance, table

FLAT = 2
"""Tonal range up to which an image counts as one color: stretching it would show only noise."""


def normalize(canvas: Canvas, job: Job) -> Canvas:
    """Stretch the tones from black to white, equally in all channels and frames.

    The range is that of the first frame's luminance: colors keep their hue, and animations don't
    flicker.
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
    """Return the darkest and brightest tone of the visible pixels.

    ``clipped`` is the fraction of pixels that is ignored at each end.
    """
    visible = image.getchannel("A") if image.mode == "RGBA" else None
    counts = luminance(image).histogram(visible)
    return first_above(counts, clipped), 255 - first_above(counts[::-1], clipped)


def first_above(counts: Sequence[int], fraction: float) -> int:
    """Return the first tone up to which more than ``fraction`` of all pixels lie."""
    enough = sum(counts) * fraction
    return next((tone for tone, total in enumerate(accumulate(counts)) if total > enough), 0)
