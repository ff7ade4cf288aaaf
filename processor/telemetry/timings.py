"""How long things take."""

import time
from datetime import UTC, datetime
from typing import NamedTuple

STAGES = ("claim", "fetch", "inspect", "analyze", "wait", "render", "store", "commit")
"""What an attempt at a picture consists of, in this order. ``inspect`` reads the
header; ``analyze`` asks what is in the picture, where that is asked at all; ``wait`` is for a
processor and memory; ``decode`` is the first part of ``render``."""


class Span(NamedTuple):
    """A part of an attempt, in milliseconds since its beginning."""

    name: str
    start: int
    end: int
    within: str = ""
    """The stage that it is a part of; empty for stages."""


class Stopwatch:
    """Times the stages of one attempt, in milliseconds, by a clock that nobody sets."""

    def __init__(self) -> None:
        self.started = time.time()
        """When the attempt began, in seconds since 1970."""
        self.laps: dict[str, int] = {}
        self.spans: list[Span] = []
        self._left_out: set[str] = set()
        self._began = self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End ``stage``; the next one begins."""
        now = time.perf_counter()
        self.laps[stage] = round((now - self._since) * 1000)
        self.spans.append(Span(stage, self._milliseconds(self._since), self._milliseconds(now)))
        self._since = now

    def leave_out(self, stage: str) -> None:
        """There is no such stage this time."""
        self._left_out.add(stage)

    def resume(self) -> None:
        """Leave out what has passed since the last stage ended."""
        self._since = time.perf_counter()

    def stop(self) -> str:
        """End the stage that is under way, wherever that is; answers its name."""
        over = self.laps.keys() | self._left_out
        stage = next((each for each in STAGES if each not in over), STAGES[-1])
        self.lap(stage)
        return stage

    @property
    def elapsed(self) -> int:
        """Milliseconds since the beginning."""
        return self._milliseconds(time.perf_counter())

    def _milliseconds(self, moment: float) -> int:
        return round((moment - self._began) * 1000)


def milliseconds_since(time_of_event: str) -> int:
    """Milliseconds from an ISO 8601 time to now; 0 where the clocks disagree."""
    age = datetime.now(UTC) - datetime.fromisoformat(time_of_event)
    return max(0, round(age.total_seconds() * 1000))
