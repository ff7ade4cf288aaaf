"""Encode renditions beside one another, where there are processors for it."""

import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from processor.images.canvas import Canvas, Job
from processor.images.encode import encode

MOST_PIXELS = 24_000_000
"""Most pixels that are encoded at a time, unless one picture has more: AVIF takes 18 bytes each."""


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
    at: int = 0
    """Milliseconds after the rendering began at which this one was."""


class Encoder:
    """Takes finished pictures and gives them back encoded.

    With one processor each is encoded at once. With more, threads do it while the next rendition
    is being made: the codecs work without Python's lock. No more pictures wait than there are
    processors, nor more pixels than ``MOST_PIXELS``, so that memory stays bounded.
    """

    def __init__(self) -> None:
        self._processors = os.process_cpu_count() or 1
        self._waiting: deque[tuple[int, Future[Encoded]]] = deque()
        self._done: list[Encoded] = []

    def add(self, canvas: Canvas, job: Job, exif: bytes, spent: float, at: float = 0) -> None:
        """Encode a picture on which ``spent`` seconds were spent already.

        ``at`` is how many seconds after the rendering that began.
        """
        if self._processors == 1:
            self._done.append(_encoded(canvas, job, exif, spent, at))
            return
        pixels = canvas.image.width * canvas.image.height * len(canvas.frames)
        while self._waiting and (
            len(self._waiting) >= self._processors
            or pixels + sum(count for count, _ in self._waiting) > MOST_PIXELS
        ):
            self._take()
        self._waiting.append((pixels, _threads().submit(_encoded, canvas, job, exif, spent, at)))

    def finish(self) -> dict[str, Encoded]:
        """All renditions by their names. Raises the first ``ImageError`` of an encoder."""
        while self._waiting:
            self._take()
        return {each.name: each for each in self._done}

    def _take(self) -> None:
        _, future = self._waiting.popleft()
        self._done.append(future.result())


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.process_cpu_count(), thread_name_prefix="encode")


def _encoded(canvas: Canvas, job: Job, exif: bytes, spent: float, at: float) -> Encoded:
    started = time.perf_counter()
    file = encode(canvas, job.output, exif)
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
