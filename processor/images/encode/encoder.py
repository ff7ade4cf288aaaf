"""Parallel encoding of renditions, in as many threads as there are processors."""

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from processor.images.canvas import Canvas, Job
from processor.images.encode import File, encode
from processor.images.encode.metadata import FileMetadata
from processor.images.recipe import Output

MAX_PIXELS = 24_000_000
"""Pixels that are encoded at a time, unless one image has more: AVIF takes 18 bytes for each."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded rendition."""

    name: str
    data: bytes
    extension: str
    content_type: str
    width: int
    height: int
    milliseconds: int
    """Time spent on this rendition alone: scaling, steps and encoding."""
    at: int = 0
    """Milliseconds from the start of the rendering to the start of this rendition."""


class Encoder:
    """Encodes canvases in the background.

    With one processor, each is encoded at once. With more, threads encode while the next rendition
    is processed: the codecs release Python's lock. No more canvases wait than there are processors,
    nor more pixels than ``max_pixels``, which bounds the memory.
    """

    def __init__(
        self,
        processors: int | None = None,
        max_pixels: int = MAX_PIXELS,
        encode: Callable[[Canvas, Output, FileMetadata], File] = encode,
    ) -> None:
        self._processors = processors or os.process_cpu_count() or 1
        self._max_pixels = max_pixels
        self._encode = encode
        self._waiting: deque[tuple[int, Future[Encoded]]] = deque()
        self._done: list[Encoded] = []

    def add(
        self, canvas: Canvas, job: Job, metadata: FileMetadata, spent: float, at: float = 0
    ) -> None:
        """Encode a canvas.

        ``spent`` are the seconds that its steps took, ``at`` those from the start of the rendering
        to the first step.
        """
        if self._processors == 1:
            self._done.append(self._encoded(canvas, job, metadata, spent, at))
            return
        pixels = canvas.image.width * canvas.image.height * len(canvas.frames)
        while self._waiting and (
            len(self._waiting) >= self._processors
            or pixels + sum(count for count, _ in self._waiting) > self._max_pixels
        ):
            self._take()
        threads = _threads(self._processors)
        self._waiting.append(
            (pixels, threads.submit(self._encoded, canvas, job, metadata, spent, at))
        )

    def finish(self) -> dict[str, Encoded]:
        """Return all renditions by their names. Raises the first ``ImageError`` of an encoder."""
        while self._waiting:
            self._take()
        return {each.name: each for each in self._done}

    def _take(self) -> None:
        _, future = self._waiting.popleft()
        self._done.append(future.result())

    def _encoded(
        self, canvas: Canvas, job: Job, metadata: FileMetadata, spent: float, at: float
    ) -> Encoded:
        started = time.perf_counter()
        file = self._encode(canvas, job.rendition.output, metadata)
        width, height = canvas.image.size
        return Encoded(
            name=job.name,
            data=file.data,
            extension=file.extension,
            content_type=file.content_type,
            width=width,
            height=height,
            milliseconds=round((spent + time.perf_counter() - started) * 1000),
            at=round(at * 1000),
        )


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="encode")
