"""From one original to all its renditions: the order of work."""

import time
from dataclasses import dataclass

from processor.images.canvas import Canvas, Job
from processor.images.geometry import plan
from processor.images.limits import Limits
from processor.images.output import TYPES, encode
from processor.images.recipe import Recipe
from processor.images.source import Source, decode, inspect
from processor.images.steps.flatten import flatten
from processor.images.steps.normalise import normalise
from processor.images.steps.orient import orient
from processor.images.steps.resize import resize
from processor.images.steps.to_srgb import to_srgb
from processor.images.steps.watermark import watermark

PREPARE = (normalise, orient)
"""Done once, to the decoded original."""

SCALE = (resize, to_srgb)
"""Done for each rendition. A whole picture that comes out of here serves the smaller renditions
as their original: scaling down in stages cannot be told from scaling down at once (55 dB)."""

FINISH = (watermark, flatten)
"""Done to a rendition that has its final size and colours."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A rendition that is ready to be stored."""

    name: str
    data: bytes
    extension: str
    content_type: str
    width: int
    height: int
    milliseconds: int
    """Time spent on this rendition alone: scaling, steps and encoding."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """All renditions of one original, in the recipe's order, and what the original was."""

    source: Source
    renditions: list[Encoded]
    decode_milliseconds: int


def render(data: bytes, recipe: Recipe, limits: Limits | None = None) -> Rendered:
    """Make every rendition of ``recipe`` from the encoded picture ``data``.

    The picture is decoded once, no larger than the largest rendition needs, and each rendition is
    made from the next larger one. Raises ``ImageError``.
    """
    started = time.perf_counter()
    source = inspect(data, limits or Limits())
    jobs = [
        Job(rendition, plan(source.width, source.height, rendition.resize))
        for rendition in recipe.renditions
    ]
    canvas = decode(source, max(job.geometry.scale for job in jobs))
    for step in PREPARE:
        canvas = step(canvas)
    decoded = time.perf_counter()

    done: dict[str, Encoded] = {}
    for job in sorted(jobs, key=lambda job: -job.geometry.scale):
        done[job.rendition.name], scaled = _make(canvas, job)
        if job.geometry.is_whole:
            canvas = scaled
    return Rendered(
        source=source,
        renditions=[done[rendition.name] for rendition in recipe.renditions],
        decode_milliseconds=round((decoded - started) * 1000),
    )


def _make(canvas: Canvas, job: Job) -> tuple[Encoded, Canvas]:
    """One rendition, and the canvas that the smaller ones can be made from."""
    started = time.perf_counter()
    for step in SCALE:
        canvas = step(canvas, job)
    finished = canvas
    for step in FINISH:
        finished = step(finished, job)
    output = job.rendition.output
    data = encode(finished.image, output)
    extension, content_type = TYPES[type(output)]
    width, height = finished.image.size
    encoded = Encoded(
        name=job.rendition.name,
        data=data,
        extension=extension,
        content_type=content_type,
        width=width,
        height=height,
        milliseconds=round((time.perf_counter() - started) * 1000),
    )
    return encoded, canvas
