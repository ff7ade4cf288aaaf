"""What a recipe means for one original: the renditions to make, and where each takes it."""

from collections.abc import Iterator
from functools import cache, partial
from typing import get_args

import msgspec

from processor.images.canvas import Canvas, Job, name_at
from processor.images.decode.source import Header
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.plan.geometry import (
    WHOLE,
    Box,
    Geometry,
    bounds,
    box_of,
    cropped,
    plan,
)
from processor.images.plan.smart_crop import LOOKED_AT, focus
from processor.images.plan.subjects import (
    Looked,
    Seen,
    focus_on,
    turned,
)
from processor.images.recipe import Auto, Jpeg, Looking, Output, Recipe, Rendition, Resize
from processor.images.steps import SCALE
from processor.images.steps.rotate import rotate
from processor.images.steps.trim import trim
from processor.images.watermark_images import WatermarkImages

NOTHING_SEEN = Seen()


def largest_scale(header: Header, recipe: Recipe, limits: Limits) -> float:
    """How large the original is needed, as a part of its size; known before it is decoded.

    Raises ``ImageError`` where a rendition would be too large, or shows nothing.
    """
    scales = []
    for rendition, density in expanded(recipe):
        geometry = _plan(header, rendition, density, limits)
        # What trimming leaves is known only when all of it was seen.
        scales.append(1.0 if rendition.trim else geometry.scale)
    return min(1.0, max(scales))


def plan_jobs(
    original: Canvas,
    header: Header,
    recipe: Recipe,
    limits: Limits,
    watermark_images: WatermarkImages,
    seen: Seen = NOTHING_SEEN,
) -> list[Job]:
    """All renditions, in the recipe's order; smart crops and trimming look at the original.

    ``seen`` is what crops for faces and subjects keep. Raises ``ImageError``.
    """
    jobs = []
    look_for_border = cache(partial(trim, original))
    for rendition, density in expanded(recipe):
        trimmed = look_for_border(rendition.trim)
        focused = _focus(original, header, rendition, density, trimmed, seen)
        geometry = _plan(header, rendition, density, limits, trimmed, focused)
        mark = rendition.watermark
        picture = watermark_images.picture(mark.image) if mark and mark.image else None
        jobs.append(Job(rendition, geometry, rendition.output, density, picture))
    return jobs


def expanded(recipe: Recipe) -> Iterator[tuple[Rendition, float]]:
    """Each rendition at each of its densities."""
    for rendition in recipe.renditions:
        for density in rendition.densities:
            yield rendition, density


def keeps_animation(output: Output) -> bool:
    """Whether all frames of an animation are encoded."""
    if isinstance(output, Jpeg):
        return False
    return isinstance(output, Auto) or output.animation == "keep"


def keeps_animations(recipe: Recipe) -> bool:
    """Whether any rendition of an animation is one."""
    return any(keeps_animation(each.output) for each in recipe.renditions)


def _plan(
    header: Header,
    rendition: Rendition,
    density: float,
    limits: Limits,
    trimmed: Box = WHOLE,
    focused: tuple[float, float] | None = None,
) -> Geometry:
    name = name_at(rendition.name, density)
    try:
        geometry = plan(header.width, header.height, rendition, density, trimmed, focused)
    except ValueError as error:
        raise ImageError("crop-outside", f"{name}: {error}") from error
    width, height = geometry.final
    if rendition.pad:
        width += round((rendition.pad.left + rendition.pad.right) * density)
        height += round((rendition.pad.top + rendition.pad.bottom) * density)
    frames = header.frames if keeps_animation(rendition.output) else 1
    limits.check_output(name, width, height, frames)
    return geometry


def _focus(
    original: Canvas,
    header: Header,
    rendition: Rendition,
    density: float,
    trimmed: Box,
    seen: Seen,
) -> tuple[float, float] | None:
    """The point that a smart crop keeps, in the picture as it is when it comes to resizing."""
    resize = rendition.resize
    if resize is None or resize.focal_point or resize.gravity not in get_args(Looking):
        return None
    if resize.gravity in get_args(Looked):
        point = _subject(header, rendition, resize, density, trimmed, seen)
        if point:
            return point
    # The picture that will be cropped is a small rendition like any other.
    small = msgspec.structs.replace(rendition, resize=Resize(long_edge=LOOKED_AT))
    geometry = plan(header.width, header.height, small, trimmed=trimmed)
    canvas, job = original.still(), Job(small, geometry, small.output)
    for step in (*SCALE, rotate):
        canvas = step(canvas, job)
    box = box_of(*canvas.image.size, resize, density)
    return focus(canvas.image, box, "entropy" if resize.gravity == "entropy" else "attention")


def _subject(
    header: Header,
    rendition: Rendition,
    resize: Resize,
    density: float,
    trimmed: Box,
    seen: Seen,
) -> tuple[float, float] | None:
    """The middle of what was seen, as far as the crop can show it; None if nothing was."""
    base = cropped(header.width, header.height, rendition.crop, trimmed)
    size = (base[2] - base[0]) * header.width, (base[3] - base[1]) * header.height
    angle = rendition.rotate.angle % 360 if rendition.rotate else 0
    boxes = turned(seen.wanted(resize.gravity), base, size, angle)  # type: ignore[arg-type]
    width, height = bounds(*size, angle)
    box = box_of(width, height, resize, density)
    window = min(1.0, height * box[0] / box[1] / width), min(1.0, width * box[1] / box[0] / height)
    return focus_on(boxes, window)
