"""Previews: the small JPEG of an image that Rekognition analyzes."""

from processor.images import Header, Limits, Recipe, Rendition, Source, memory_needed, render
from processor.images.recipe import Jpeg, Resize

LONG_EDGE = 1280
"""Long edge in pixels; Rekognition's models do not use more."""

SHORT_EDGE = 80
"""Minimum edge in pixels that Rekognition accepts.
https://docs.aws.amazon.com/rekognition/latest/dg/limits.html"""


def preview(source: Source, limits: Limits) -> bytes:
    """Return a JPEG of the image: upright, in sRGB, small, without metadata.

    A very narrow image is widened; boxes in it are fractions and stay true. Raises ``ImageError``.
    """
    return render(source, _recipe(source.header), limits).renditions[0].data


def is_whole(frames: int, recipe: Recipe) -> bool:
    """Return whether a preview shows all that is published: it has an animation's first frame."""
    return frames == 1 or not recipe.keeps_animation


def memory_for_preview(source: Source, limits: Limits) -> int:
    """Return the bytes that a preview needs at its peak beside the file. Raises ``ImageError``."""
    return memory_needed(source, _recipe(source.header), limits)


def _recipe(header: Header) -> Recipe:
    scale = min(1.0, LONG_EDGE / max(header.width, header.height))
    width, height = (max(SHORT_EDGE, round(side * scale)) for side in (header.width, header.height))
    resize = Resize(width=width, height=height, fit="fill", enlarge=True)
    rendition = Rendition(name="preview", resize=resize, output=Jpeg(quality=85))
    return Recipe(renditions=[rendition], analysis=False)
