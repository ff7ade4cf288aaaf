"""How the pipeline fares: its queues, and the newest pictures counted."""

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from processor.api.http.request import Request
from processor.api.http.response import Answer, answer
from processor.catalog.entries import (
    Catalog,
    Entry,
    share_of,
)

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

NEWEST = 500
FIELDS = ("status", "timestamp", "updated", "timings.since_upload", "review.since")
RECENT = 30

SECONDS, PERIODS = 10, 30
"""Of the throughput."""

FRESH = 1.0
"""Seconds for which an answer is given again: pages ask often, and there may be many of them."""

WAITING: "QueueAttributeNameType" = "ApproximateNumberOfMessages"
IN_FLIGHT: "QueueAttributeNameType" = "ApproximateNumberOfMessagesNotVisible"


@dataclass(slots=True)
class Stats:
    """The route ``/stats``."""

    sqs: "SQSClient"
    queue_url: str
    dead_letter_queue_url: str
    catalog: Catalog
    _kept: Answer | None = field(default=None, init=False)
    _kept_until: float = field(default=0.0, init=False)

    def get(self, _request: Request) -> Answer:
        """``GET /stats``."""
        if self._kept is None or time.monotonic() >= self._kept_until:
            self._kept = answer(self._collect())
            self._kept_until = time.monotonic() + FRESH
        return self._kept

    def _collect(self) -> dict[str, Any]:
        # One more than are counted tells whether there are others.
        page = share_of(NEWEST + 1)
        found = list(islice(self.catalog.newest_first(only=FIELDS, page=page), NEWEST + 1))
        newest = found[:NEWEST]
        states = Counter(entry["status"] for entry in newest)
        return {
            "queue": self._depths(),
            "newest": {
                "images": len(newest),
                "processing": states["processing"],
                "done": states["done"],
                "failed": states["failed"],
                "review": states["review"],
                "rejected": states["rejected"],
                "is_all": len(found) <= NEWEST,
            },
            "latency": latency(newest),
            "throughput": {"seconds": SECONDS, "counts": throughput(newest, time.time())},
        }

    def _depths(self) -> dict[str, int]:
        queue = self._attributes(self.queue_url, WAITING, IN_FLIGHT)
        dead = self._attributes(self.dead_letter_queue_url, WAITING)
        return {"waiting": queue[WAITING], "in_flight": queue[IN_FLIGHT], "dead": dead[WAITING]}

    def _attributes(
        self, url: str, *names: "QueueAttributeNameType"
    ) -> "dict[QueueAttributeNameType, int]":
        answered = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return {name: int(answered[name]) for name in names}


def latency(newest: list[Entry]) -> dict[str, Any] | None:
    """Milliseconds from upload to done, where nobody had to decide first; by nearest rank."""
    told = [
        entry.get("timings", {}).get("since_upload") for entry in newest if "review" not in entry
    ]
    recent = [milliseconds for milliseconds in told if milliseconds is not None]
    if not recent:
        return None
    ranked = sorted(recent)

    def at(part: float) -> int:
        return ranked[math.ceil(part * len(ranked)) - 1]

    return {"median": at(0.5), "p95": at(0.95), "recent": recent[:RECENT]}


def throughput(newest: list[Entry], now: float) -> list[int]:
    """Outcomes in each of the last periods by the clock, oldest first; the last one is not over."""
    counts = [0] * PERIODS
    current = int(now // SECONDS)
    for entry in newest:
        if entry["status"] != "processing":
            ago = current - int(datetime.fromisoformat(entry["updated"]).timestamp() // SECONDS)
            # Clocks differ a little: what is yet to come has just been.
            if ago < PERIODS:
                counts[PERIODS - 1 - max(0, ago)] += 1
    return counts
