"""What the work on a message has to know of its coming."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from processor.change import Change
from processor.telemetry.metrics import MetricsBuffer
from processor.telemetry.timings import milliseconds_since


@dataclass(frozen=True, slots=True)
class Delivery:
    """One coming of one message."""

    message: str
    """Its id, the same each time."""
    number: int
    """How often it has come, from 1."""
    is_last: bool
    """The queue gives it to the dead-letter queue if it has to come again."""
    remaining: Callable[[], float]
    """Seconds until the function is ended."""
    sent: float | None = None
    """When the queue took it, in seconds since 1970."""
    metrics: MetricsBuffer = field(default_factory=MetricsBuffer)
    """What the invocation counts."""

    def queued(self, change: Change) -> int | None:
        """Milliseconds from S3's event, or from the request, to now; None where unknown."""
        if change.kind == "created":
            return milliseconds_since(change.time)
        return None if self.sent is None else max(0, round((time.time() - self.sent) * 1000))
