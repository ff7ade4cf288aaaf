"""Rendering: one opened original to all its renditions."""

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from PIL.Image import core  # type: ignore[attr-defined]

from processor.images.canvas import Canvas, Job
from processor.images.decode.decoder import decode
from processor.images.decode.errors import TRUNCATED
from processor.images.decode.jpeg import DRAFT_MARGIN
from processor.images.decode.source import Header, Source
from processor.images.describe.analysis import SAMPLE_EDGE, Analysis, analyze
from processor.images.describe.owner import NOBODY, read_owner
from processor.images.encode.encoder import Encoded, Encoder
from processor.images.encode.metadata import kept_metadata
from processor.images.errors import ImageError
from processor.images.jobs import largest_scale, plan_jobs, replan
from processor.images.limits import DEFAULT_LIMITS, Limits
from processor.images.plan.subjects import NO_REGIONS, DetectedRegions
from processor.images.recipe import Recipe
from processor.images.steps import FINISH, ORIGINAL, SCALE, SELECT, TRIM, Step
from processor.images.watermark_images import NO_WATERMARK_IMAGES, WatermarkImages

Flaw = Literal["truncated"]
"""What is wrong with an original that is rendered all the same."""

Timed = Callable[[Sequence[Step]], Iterator[Step]]
"""Yields steps, and raises ``ImageError`` after one that exceeds the time limit."""

# Pillow reuses the memory of freed images: decoding 12 megapixels takes a quarter less time.
core.set_blocks_max(8)

RENDITION_BYTES = 35
"""Memory that encoders and filters take for each pixel of a rendition, at most (limits.py)."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Renditions of one original in the recipe's order, with the original's header and analysis."""

    header: Header
    renditions: list[Encoded]
    analysis: Analysis | None
    decode_milliseconds: int
    warnings: tuple[Flaw, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """The fields of a catalog entry."""
        warnings = {"warnings": list(self.warnings)} if self.warnings else {}
        return {**self.header.facts, **warnings}


def render(
    source: Source,
    recipe: Recipe,
    limits: Limits = DEFAULT_LIMITS,
    watermark_images: WatermarkImages = NO_WATERMARK_IMAGES,
    only: Collection[str] | None = None,
    regions: DetectedRegions = NO_REGIONS,
) -> Rendered:
    """Render every rendition of ``recipe``.

    The original is decoded once, no larger than the largest rendition needs, and each rendition is
    scaled from the next larger one. ``watermark_images`` reads the images of watermarks,
    ``regions`` are what crops keep. ``only`` names the renditions to return, with the same bytes
    that they have beside the others; the analysis then comes with the recipe's first rendition.
    Raises ``ImageError``.
    """
    started = time.perf_counter()

    def timed(steps: Sequence[Step]) -> Iterator[Step]:
        for step in steps:
            yield step
            limits.check_time(time.perf_counter() - started)

    jobs = plan_jobs(source.header, recipe, limits, regions)
    scale = _decoded_scale(source.header, recipe, jobs)
    limits.check_memory(source.memory.peak(scale, animated=recipe.keeps_animation))
    original = decode(source, scale, animated=recipe.keeps_animation)
    warnings = _warnings(original, recipe)
    for step in timed(ORIGINAL):
        original = step(original, jobs[0])
    decoded = time.perf_counter()
    jobs = list(_selected(original, jobs, source.header, limits, watermark_images, timed))
    encoder = Encoder()
    is_kept = any(job.rendition.output.metadata != "strip" for job in jobs)
    owner = read_owner(source.header.embedded, source.header.exif) if is_kept else NOBODY
    nearest = analyzed = original
    untouched = None if all(map(_is_smooth, jobs)) else original
    any_keeps_color = any(job.keeps_color for job in jobs)
    # The original may be most of the memory, which is freed with its last reference.
    del original
    for job in sorted(jobs, key=lambda job: -job.geometry.scale):
        since = time.perf_counter()
        canvas = nearest if untouched is None or _is_smooth(job) else untouched
        for step in timed(SCALE):
            canvas = step(canvas, job)
        # Of colors that are sRGB already, nothing is left to keep.
        has_all_colors = job.keeps_color or not any_keeps_color
        if has_all_colors and _serves_others(job) and canvas.is_animated == nearest.is_animated:
            nearest = canvas
            if max(canvas.image.size) >= SAMPLE_EDGE:
                analyzed = canvas
        if only is not None and job.rendition.name not in only:
            continue
        for step in timed(FINISH):
            canvas = step(canvas, job)
        metadata = kept_metadata(source.header.exif, owner, job.rendition.output)
        encoder.add(canvas, job, metadata, time.perf_counter() - since, since - started)
    encoded = encoder.finish()
    is_analyzed = recipe.analysis and (only is None or recipe.renditions[0].name in only)
    return Rendered(
        header=source.header,
        renditions=[encoded[job.name] for job in jobs if job.name in encoded],
        analysis=analyze(source, analyzed, gps=recipe.gps) if is_analyzed else None,
        decode_milliseconds=round((decoded - started) * 1000),
        warnings=warnings,
    )


def memory_needed(source: Source, recipe: Recipe, limits: Limits) -> int:
    """Return about how many bytes ``render`` takes at its peak, without the file.

    Raises ``ImageError``.
    """
    scale = _decoded_scale(source.header, recipe, plan_jobs(source.header, recipe, limits))
    pixels = source.header.width * source.header.height * scale**2
    decoding = source.memory.peak(scale, animated=recipe.keeps_animation)
    return max(decoding, math.ceil(pixels * RENDITION_BYTES))


def _warnings(original: Canvas, recipe: Recipe) -> tuple[Flaw, ...]:
    """Return what is wrong with the original. Raises ``ImageError`` if the recipe refuses that."""
    if not original.is_truncated:
        return ()
    if recipe.truncated == "refuse":
        raise ImageError("truncated", TRUNCATED)
    return ("truncated",)


def _decoded_scale(header: Header, recipe: Recipe, jobs: list[Job]) -> float:
    """Return the scale that the largest rendition and the analysis need, at most 1."""
    scale = largest_scale(jobs)
    if recipe.analysis:
        needed = SAMPLE_EDGE / max(header.width, header.height)
        scale = min(1.0, max(scale, needed / DRAFT_MARGIN))
    return scale


def _selected(
    original: Canvas,
    jobs: list[Job],
    header: Header,
    limits: Limits,
    watermark_images: WatermarkImages,
    timed: Timed,
) -> Iterator[Job]:
    """Yield the jobs with what they need of the pixels: border, focal point, watermark image."""
    trimmed: dict[object, Canvas] = {}
    for job in jobs:
        border, watermark = job.rendition.trim, job.rendition.watermark
        if border not in trimmed:
            trimmed[border] = original
            for step in timed(TRIM):
                trimmed[border] = step(trimmed[border], job)
        canvas = trimmed[border]
        for step in timed(SELECT):
            canvas = step(canvas, job)
        planned = job if canvas is original else replan(job, canvas, header, limits)
        if watermark and watermark.image:
            planned = replace(planned, watermark_image=watermark_images.load(watermark.image))
        if watermark and watermark.font:
            planned = replace(planned, watermark_font=watermark_images.load_font(watermark))
        yield planned


def _is_smooth(job: Job) -> bool:
    """Whether a rendition may be scaled from a larger one: ``nearest`` keeps original pixels."""
    return job.rendition.resize is None or job.rendition.resize.kernel != "nearest"


def _serves_others(job: Job) -> bool:
    """Whether smaller renditions may be scaled from this one after ``SCALE``."""
    resize = job.rendition.resize
    return (
        job.geometry.is_whole
        and job.geometry.scale <= 1
        and (resize is None or (resize.kernel == "lanczos3" and resize.fit != "fill"))
    )
