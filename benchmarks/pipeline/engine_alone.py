"""The engine without AWS services: the same images, in one process per processor."""

import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from uploaded_images import UploadedImage

from processor.images import ImageError, Limits, Recipe, load_recipes, open_source, render

MEGABYTES = 1769
"""Default of the template's FunctionMemory."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Wall and CPU seconds of all images."""

    wall: float
    cpu: float


def run_alone(inputs: Sequence[UploadedImage]) -> Alone:
    """Render images with the default recipe, in warm processes."""
    processors = os.process_cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processors, mp_context=context) as pool:
        list(pool.map(_render, [inputs[0].path] * 4 * processors))
        began = time.perf_counter()
        cpu = sum(pool.map(_render, [each.path for each in inputs]))
        return Alone(time.perf_counter() - began, cpu)


def _render(path: Path) -> float:
    began = time.process_time()
    limits = Limits.within(MEGABYTES)
    with suppress(ImageError):
        render(open_source(path.read_bytes(), limits), _recipe(), limits)
    return time.process_time() - began


@cache
def _recipe() -> Recipe:
    return load_recipes()["default"]
