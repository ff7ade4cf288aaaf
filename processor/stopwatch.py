"""How long things take."""

import time
from datetime import UTC, datetime


class Stopwatch:
    """Times the stages of one piece of work, in milliseconds."""

    def __init__(self) -> None:
        self.laps: dict[str, int] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End ``stage``; the next one begins."""
        now = time.perf_counter()
        self.laps[stage] = round((now - self._since) * 1000)
        self._since = now


def milliseconds_since(time_of_event: str) -> int:
    """Milliseconds from an ISO 8601 time to now; 0 where the clocks disagree."""
    age = datetime.now(UTC) - datetime.fromisoformat(time_of_event)
    return max(0, round(age.total_seconds() * 1000))
