"""The engine without a cloud: the same pictures, in as many processes as there are processors."""

import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pictures import Picture

from processor.images import ImageError, Limits, Recipe, load_recipes, open_source, render

MEGABYTES = 1769
"""The template's FunctionMemory."""


@dataclass(frozen=True, slots=True)
class Alone:
    """What all pictures took, in seconds."""

    wall: float
    cpu: float


def run_alone(pictures: Sequence[Picture]) -> Alone:
    """Render them with the default recipe, in processes that have warmed up."""
    processors = os.process_cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processors, mp_context=context) as pool:
        list(pool.map(_render, [pictures[0].path] * 4 * processors))
        began = time.perf_counter()
        cpu = sum(pool.map(_render, [each.path for each in pictures]))
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
