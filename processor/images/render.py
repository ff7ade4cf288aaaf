"""From one original to all its renditions: the order of work."""

import math
import time
from dataclasses import dataclass, replace

from PIL.Image import core  # type: ignore[attr-defined]

from processor.images.canvas import Canvas, Job
from processor.images.decode.decoder import decode
from processor.images.decode.jpeg import DRAFT_MARGIN
from processor.images.decode.source import Header, Source
from processor.images.describe.analysis import (
    LOOKED_AT,
    Analysis,
    analyze,
)
from processor.images.encode.auto import choose
from processor.images.encode.encoder import Encoded, Encoder
from processor.images.encode.metadata import exif_bytes
from processor.images.limits import DEFAULT_LIMITS, Limits
from processor.images.plan.planning import (
    NOTHING_SEEN,
    keeps_animation,
    keeps_animations,
    largest_scale,
    plan_jobs,
)
from processor.images.plan.subjects import Seen
from processor.images.recipe import Auto, Recipe
from processor.images.steps import FINISH, SCALE
from processor.images.steps.flatten import flatten
from processor.images.steps.standardize import standardize
from processor.images.watermark_images import WatermarkImages, none

# The memory of freed pictures is kept for the next: decoding 12 megapixels takes a quarter less.
core.set_blocks_max(8)

RENDITION_BYTES = 35
"""Most memory that encoders and filters take for each pixel of a rendition (limits.py)."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Renditions of one original, in the recipe's order, and what the original was."""

    header: Header
    renditions: list[Encoded]
    analysis: Analysis | None
    decode_milliseconds: int


def render(
    source: Source,
    recipe: Recipe,
    limits: Limits = DEFAULT_LIMITS,
    watermark_images: WatermarkImages | None = None,
    only: str | None = None,
    seen: Seen = NOTHING_SEEN,
) -> Rendered:
    """Make every rendition of ``recipe`` from the opened image ``source``.

    The picture is decoded once, no larger than the largest rendition needs, and each rendition is
    made from the next larger one. ``watermark_images`` gives the images that recipes overlay,
    ``seen`` says where the faces and subjects are that crops keep.
    ``only`` names a rendition to make alone, with the bytes that it has beside the others; the
    picture is then looked at (``analysis``) with the recipe's first. Raises ``ImageError``.
    """
    started = time.perf_counter()

    def check_time() -> None:
        limits.check_time(time.perf_counter() - started)

    original = _decode(source, recipe, limits)
    decoded = time.perf_counter()
    check_time()
    jobs = plan_jobs(
        original, source.header, recipe, limits, watermark_images or WatermarkImages(none), seen
    )
    encoder = Encoder()
    nearest = looked_at = original
    untouched = None if all(map(_is_smooth, jobs)) else original
    # What is not needed any more has to be free to go: it may be most of the memory.
    del original
    for job in sorted(jobs, key=lambda job: -job.geometry.scale):
        since = time.perf_counter()
        canvas = nearest if untouched is None or _is_smooth(job) else untouched
        if not keeps_animation(job.output):
            canvas = canvas.still()
        for step in SCALE:
            canvas = step(canvas, job)
            check_time()
        if _serves_others(job) and canvas.is_animated == nearest.is_animated:
            nearest = canvas
            if max(canvas.image.size) >= LOOKED_AT:
                looked_at = canvas
        if only not in (None, job.rendition.name):
            continue
        for step in FINISH:
            canvas = step(canvas, job)
            check_time()
        canvas = flatten(canvas, job)
        if isinstance(job.output, Auto):
            # On its background the picture may be one that JPEG can hold.
            job = replace(job, output=choose(canvas, job.output))  # noqa: PLW2901
        exif = exif_bytes(source.header.exif, job.output)
        finished = flatten(canvas, job)
        encoder.add(finished, job, exif, time.perf_counter() - since, since - started)
    encoded = encoder.finish()
    looks = recipe.analysis and only in (None, recipe.renditions[0].name)
    return Rendered(
        header=source.header,
        renditions=[encoded[job.name] for job in jobs if job.name in encoded],
        analysis=analyze(source, looked_at, gps=recipe.gps) if looks else None,
        decode_milliseconds=round((decoded - started) * 1000),
    )


def memory_needed(source: Source, recipe: Recipe, limits: Limits) -> int:
    """Return about how many bytes ``render`` takes at its peak, without the file.

    Raises ``ImageError``.
    """
    scale = _decoded_scale(source.header, recipe, limits)
    pixels = source.header.width * source.header.height * scale**2
    decoding = source.memory.peak(scale, animated=keeps_animations(recipe))
    return max(decoding, math.ceil(pixels * RENDITION_BYTES))


def _decode(source: Source, recipe: Recipe, limits: Limits) -> Canvas:
    """Decode the image as large as the recipe needs it."""
    scale = _decoded_scale(source.header, recipe, limits)
    animated = keeps_animations(recipe)
    limits.check_memory(source.memory.peak(scale, animated=animated))
    return standardize(decode(source, scale, animated=animated))


def _decoded_scale(header: Header, recipe: Recipe, limits: Limits) -> float:
    """Return the scale that the largest rendition and the analysis need, at most 1."""
    scale = largest_scale(header, recipe, limits)
    if recipe.analysis:
        needed = LOOKED_AT / max(header.width, header.height)
        scale = min(1.0, max(scale, needed / DRAFT_MARGIN))
    return scale


def _is_smooth(job: Job) -> bool:
    """Whether a rendition is as well made from a larger one: not where pixels are to be seen."""
    return job.rendition.resize is None or job.rendition.resize.kernel != "nearest"


def _serves_others(job: Job) -> bool:
    """Whether smaller renditions can be made from this one, once it has its size and colors."""
    resize = job.rendition.resize
    return (
        job.geometry.is_whole
        and job.geometry.scale <= 1
        and (resize is None or (resize.kernel == "lanczos3" and resize.fit != "fill"))
    )
