"""What of the engine's time its codecs take by themselves: the floor below which it cannot come.

The decoders and encoders are libjpeg-turbo, zlib, libwebp and libaom, as in sharp and libvips.
"""

import io
import json
import statistics
import time
from collections.abc import Callable

from measure import Task
from msgspec import structs
from PIL import Image

from processor.images import Limits, decode_recipe, open_source, render
from processor.images.canvas import Canvas
from processor.images.decode.decoder import decode
from processor.images.encode import encode
from processor.images.plan.planning import largest_scale

ROUNDS = 7

type Floor = tuple[float, float]
"""Milliseconds of CPU time for decoding and for encoding."""


def measure_floor(task: Task) -> Floor:
    """Time decoding the input as small as the recipe allows, and encoding what comes out of it."""
    data = task.workload.path(profile=task.profile).read_bytes()
    recipe = decode_recipe(json.dumps(task.workload.recipe).encode())
    # The logo is no work of a codec.
    bare = [structs.replace(each, watermark=None) for each in recipe.renditions]
    rendered = render(open_source(data), structs.replace(recipe, renditions=bare))
    pictures = {each.name: _picture(each.data) for each in rendered.renditions}
    limits = Limits()

    def decode_input() -> None:
        source = open_source(data, limits)
        decode(source, largest_scale(source.header, recipe, limits))

    def encode_outputs() -> None:
        for each in bare:
            encode(pictures[each.name], each.output)

    return _milliseconds(decode_input), _milliseconds(encode_outputs)


def _picture(data: bytes) -> Canvas:
    image = Image.open(io.BytesIO(data))
    image.load()
    return Canvas((image,))


def _milliseconds(work: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS + 1):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times[1:])
