"""The copy of a picture that Rekognition is asked about."""

from processor.images import Limits, Recipe, Rendition, memory_needed, render
from processor.images.decode.source import inspect
from processor.images.plan.planning import keeps_animations
from processor.images.recipe import Jpeg, Resize

LONG_EDGE = 1280
"""Pixels. Rekognition's models look at less; more would only be sent."""

SHORT_EDGE = 80
"""Pixels that Rekognition wants at least.
https://docs.aws.amazon.com/rekognition/latest/dg/limits.html"""


def picture(data: bytes, limits: Limits) -> bytes:
    """A JPEG: upright, in sRGB, no larger than there is use for, without metadata.

    A very narrow picture is widened; what is found in it has its place in fractions, which stay
    true. Raises ``ImageError``.
    """
    return render(data, _recipe(data, limits), limits).renditions[0].data


def is_seen_whole(frames: int, recipe: Recipe) -> bool:
    """Whether the copy shows all that would be published: of animations it has the first frame."""
    return frames == 1 or not keeps_animations(recipe)


def memory_for_picture(data: bytes, limits: Limits) -> int:
    """About how many bytes that takes at its peak beside the file. Raises ``ImageError``."""
    return memory_needed(data, _recipe(data, limits), limits)


def _recipe(data: bytes, limits: Limits) -> Recipe:
    header = inspect(data, limits).header
    scale = min(1.0, LONG_EDGE / max(header.width, header.height))
    width, height = (max(SHORT_EDGE, round(side * scale)) for side in (header.width, header.height))
    resize = Resize(width=width, height=height, fit="fill", enlarge=True)
    copy = Rendition(name="copy", resize=resize, output=Jpeg(quality=85))
    return Recipe(renditions=[copy], analysis=False)
