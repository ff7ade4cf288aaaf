"""From one original to all its renditions: the order of work."""

import math
import time
from dataclasses import dataclass, replace

from PIL.Image import core  # type: ignore[attr-defined]

from processor.images.canvas import Canvas, Job
from processor.images.decode.memory import estimate
from processor.images.decode.source import (
    DECODED_GAP,
    Header,
    Source,
    decode,
    inspect,
)
from processor.images.describe.analysis import (
    LOOKED_AT,
    Analysis,
    analyze,
)
from processor.images.encode.auto import choose
from processor.images.encode.encoder import Encoded, Encoder
from processor.images.encode.metadata import exif_bytes
from processor.images.limits import Limits
from processor.images.plan.planning import (
    NOTHING_SEEN,
    keeps_animation,
    keeps_animations,
    largest_scale,
    plan_jobs,
)
from processor.images.plan.subjects import DetectedRegions
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
    data: bytes,
    recipe: Recipe,
    limits: Limits | None = None,
    watermark_images: WatermarkImages | None = None,
    only: str | None = None,
    seen: DetectedRegions = NOTHING_SEEN,
) -> Rendered:
    """Make every rendition of ``recipe`` from the encoded picture ``data``.

    The picture is decoded once, no larger than the largest rendition needs, and each rendition is
    made from the next larger one. ``watermark_images`` gives the images that recipes overlay,
    ``seen`` says where the faces and subjects are that crops keep.
    ``only`` names a rendition to make alone, with the bytes that it has beside the others; the
    picture is then looked at (``analysis``) with the recipe's first. Raises ``ImageError``.
    """
    limits = limits or Limits()
    started = time.perf_counter()

    def check_time() -> None:
        limits.check_time(time.perf_counter() - started)

    header, original = _open(data, recipe, limits)
    decoded = time.perf_counter()
    check_time()
    jobs = plan_jobs(
        original, header, recipe, limits, watermark_images or WatermarkImages(none), seen
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
        exif = exif_bytes(header.exif, job.output)
        finished = flatten(canvas, job)
        encoder.add(finished, job, exif, time.perf_counter() - since, since - started)
    encoded = encoder.finish()
    looks = recipe.analysis and only in (None, recipe.renditions[0].name)
    return Rendered(
        header=header,
        renditions=[encoded[job.name] for job in jobs if job.name in encoded],
        analysis=analyze(data, header, looked_at, gps=recipe.gps) if looks else None,
        decode_milliseconds=round((decoded - started) * 1000),
    )


def memory_needed(data: bytes, recipe: Recipe, limits: Limits) -> int:
    """About how many bytes ``render`` takes at its peak beside the file, from its header alone.

    Raises ``ImageError``.
    """
    source, scale, animated = _look(data, recipe, limits)
    pixels = source.header.width * source.header.height * scale**2
    return max(estimate(source, scale, animated=animated), math.ceil(pixels * RENDITION_BYTES))


def _open(data: bytes, recipe: Recipe, limits: Limits) -> tuple[Header, Canvas]:
    """Decode the picture as large as the recipe needs it; holds on to nothing else of it."""
    source, scale, animated = _look(data, recipe, limits)
    limits.check_memory(estimate(source, scale, animated=animated))
    return source.header, standardize(decode(source, scale, animated=animated))


def _look(data: bytes, recipe: Recipe, limits: Limits) -> tuple[Source, float, bool]:
    """The picture, the scale at which it is needed, and whether all its frames are."""
    source = inspect(data, limits)
    header = source.header
    animated = header.frames > 1 and keeps_animations(recipe)
    scale = largest_scale(header, recipe, limits)
    if recipe.analysis:
        needed = LOOKED_AT / max(header.width, header.height)
        scale = min(1.0, max(scale, needed / DECODED_GAP))
    return source, scale, animated


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
