"""Messages of the queue, and their receives: number, time left, and whether one is the last."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from processor.change import Change, milliseconds_since
from processor.telemetry.metrics import MetricsBuffer


@dataclass(frozen=True, slots=True)
class Message:
    """A message of an invocation."""

    id: str
    receipt: str
    number: int
    """How often the message was received, from 1."""
    body: str
    sent: float | None = None
    """When the queue accepted the message, in seconds since 1970."""

    @classmethod
    def read(cls, record: dict[str, Any]) -> "Message":
        """Return the message in a record of the function's event."""
        sent = record["attributes"].get("SentTimestamp")
        return cls(
            id=record["messageId"],
            receipt=record["receiptHandle"],
            number=int(record["attributes"]["ApproximateReceiveCount"]),
            body=record["body"],
            sent=int(sent) / 1000 if sent else None,
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One receive of a message."""

    message: str
    """ID of the message, the same for each receive."""
    number: int
    """How often the message was received, from 1."""
    is_last: bool
    """Whether the queue moves the message to the dead-letter queue instead of a retry."""
    remaining: Callable[[], float]
    """Returns the seconds until Lambda ends the function."""
    sent: float | None = None
    """When the queue accepted the message, in seconds since 1970."""
    metrics: MetricsBuffer = field(default_factory=MetricsBuffer)
    """Metrics of the invocation."""

    def queued(self, change: Change) -> int | None:
        """Return the milliseconds since S3's event or the request; None where unknown."""
        if change.kind == "created":
            return milliseconds_since(change.time)
        return None if self.sent is None else max(0, round((time.time() - self.sent) * 1000))
