"""Timings of one attempt at an image: its stages, in milliseconds."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

STAGES = ("claim", "fetch", "inspect", "analyze", "wait", "render", "store", "commit")
"""Stages of an attempt, in order. ``inspect`` reads the header; ``analyze`` asks Rekognition, where
that is on; ``wait`` is for a processor and memory."""

METRIC_STAGES = ("fetch", "analyze", "decode", "render", "store", "commit")
"""Stages with a metric of their own, which costs money; ``decode`` is the first part of
``render``."""


class Span(NamedTuple):
    """A part of an attempt, in milliseconds since its beginning."""

    name: str
    start: int
    end: int
    within: str = ""
    """The stage that it is a part of; empty for stages."""


class StageTimer:
    """Times the stages of one attempt with a monotonic clock."""

    def __init__(self) -> None:
        self.started = time.time()
        """When the attempt began, in seconds since 1970."""
        self.timings: dict[str, int] = {}
        self.spans: list[Span] = []
        self.stage_name = ""
        """The stage that began last: where a failed attempt has failed."""
        self._began = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as the stage ``name``, however it ends."""
        self.stage_name = name
        start = self.elapsed
        try:
            yield
        finally:
            self.timings[name] = self.elapsed - start
            self.spans.append(Span(name, start, self.elapsed))

    def add_parts(self, stage: str, parts: Iterable[tuple[str, int, int]]) -> None:
        """Add spans within a finished stage: each part's name, start in the stage and duration."""
        began = next(span.start for span in reversed(self.spans) if span.name == stage)
        for name, start, duration in parts:
            self.spans.append(Span(name, began + start, began + start + duration, stage))

    @property
    def elapsed(self) -> int:
        """Milliseconds since the beginning."""
        return round((time.perf_counter() - self._began) * 1000)
