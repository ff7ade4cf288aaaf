"""CPU time of the engine's codecs alone: its lower bound.

The decoders and encoders are libjpeg-turbo, zlib, libwebp and libaom, as in sharp and libvips.
"""

import json
import statistics
import time
from collections.abc import Callable

from measure import Task
from msgspec import structs

from processor.images import Limits, decode_recipe, open_source, render
from processor.images.canvas import Canvas
from processor.images.decode.decoder import decode
from processor.images.encode import encode
from processor.images.jobs import largest_scale, plan_jobs

ROUNDS = 7

type Floor = tuple[float, float]
"""Milliseconds of CPU time for decoding and for encoding."""


def measure_floor(task: Task) -> Floor:
    """Measure decoding the input as small as the recipe allows, and encoding the renditions."""
    data = task.workload.path(profile=task.profile).read_bytes()
    recipe = decode_recipe(json.dumps(task.workload.recipe).encode())
    # The logo is no work of a codec.
    bare = [structs.replace(each, watermark=None) for each in recipe.renditions]
    rendered = render(open_source(data), structs.replace(recipe, renditions=bare))
    canvases = {each.name: _canvas(each.data) for each in rendered.renditions}
    limits = Limits()

    def decode_input() -> None:
        source = open_source(data, limits)
        scale = largest_scale(plan_jobs(source.header, recipe, limits))
        decode(source, scale, animated=recipe.keeps_animation)

    def encode_outputs() -> None:
        for each in bare:
            encode(canvases[each.name], each.output)

    return _milliseconds(decode_input), _milliseconds(encode_outputs)


def _canvas(data: bytes) -> Canvas:
    source = open_source(data)
    return decode(source, 1.0, animated=source.header.frames > 1)


def _milliseconds(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times[1:])
