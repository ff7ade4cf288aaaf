"""Events of the drill: all that a queue on the stack's bus receives, compared with the outcomes."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import boto3

from processor.catalog.entries import Entry
from processor.events.outcomes import event_id
from tests.queues import ServiceQueue, service_queue

QUIET_SECONDS = 20.0
"""Seconds without an event after which no more are awaited."""


@dataclass(slots=True)
class EventTap:
    """A queue that receives each event of a stack, and a thread that reads it."""

    queue: ServiceQueue
    received: Counter[str] = field(default_factory=Counter)
    """Deliveries of each event, by ID."""
    statuses: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Statuses of the events of each key and version."""
    _last: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    @classmethod
    @contextmanager
    def on(cls, bus: str) -> Iterator[Self]:
        """Read events until the end of the block."""
        events = boto3.client("events")
        pattern = json.dumps({"source": ["darkroom"]})
        with service_queue("events") as queue:
            events.put_rule(Name="drill", EventBusName=bus, EventPattern=pattern)
            events.put_targets(
                Rule="drill", EventBusName=bus, Targets=[{"Id": "tap", "Arn": queue.arn}]
            )
            tap = cls(queue)
            thread = threading.Thread(target=tap._read, daemon=True)
            thread.start()
            try:
                yield tap
            finally:
                tap._over.set()
                thread.join()

    def _read(self) -> None:
        while not self._over.is_set():
            for body in self.queue.take(1):
                detail: dict[str, Any] = json.loads(body)["detail"]
                self.received[detail["id"]] += 1
                version = (detail["key"], detail["version"])
                self.statuses.setdefault(version, set()).add(detail["status"])
                self._last = time.monotonic()

    def wait_until_quiet(self) -> None:
        """Return when no event has come for a while."""
        while time.monotonic() - self._last < QUIET_SECONDS:
            time.sleep(0.5)

    def faults(self, entries: Mapping[str, Entry]) -> tuple[list[str], list[str]]:
        """Return the outcomes without an event, and the versions with events of two outcomes."""
        missing = [
            f"{key}: {status}"
            for key, entry in entries.items()
            if (status := _status(entry))
            and event_id(key, entry["sequencer"], status) not in self.received  # type: ignore[arg-type]
        ]
        ended = {"done", "failed", "deleted"}
        invented = [
            f"{key} {version}: {', '.join(sorted(found))}"
            for (key, version), found in self.statuses.items()
            if len(found & ended) > 1 and not _is_retried(found)
        ]
        return missing, invented


def _status(entry: Entry) -> str | None:
    if "failed_request" in entry:
        return "failed"
    return entry["status"] if entry["status"] in {"done", "failed", "deleted"} else None


def _is_retried(found: Iterable[str]) -> bool:
    """Return whether a failure was redriven, after which the version has another outcome."""
    return "failed" in found
