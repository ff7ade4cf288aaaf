"""Statistics: the queues' depths, and the status, latency and throughput of the newest images."""

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from processor.api.clock import Clock
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.catalog.entries import Catalog, Entry

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

NEWEST = 500
"""Images that the statistics are about."""

FIELDS = ("status", "timestamp", "updated", "timings.since_upload", "review.since")

RECENT = 30
"""Latencies that are listed one by one."""

PERIOD_SECONDS, PERIODS = 10, 30
"""Resolution of the throughput."""

CACHE_SECONDS = 1.0
"""Seconds for which a response is reused: many pages may poll."""

WAITING: "QueueAttributeNameType" = "ApproximateNumberOfMessages"
IN_FLIGHT: "QueueAttributeNameType" = "ApproximateNumberOfMessagesNotVisible"


@dataclass(slots=True)
class Stats:
    """The route ``/stats``."""

    sqs: "SQSClient"
    queue_url: str
    dead_letter_queue_url: str
    catalog: Catalog
    clock: Clock
    _cached: Response | None = field(default=None, init=False)
    _cached_until: float = field(default=0.0, init=False)

    def get(self, _request: Request) -> Response:
        """``GET /stats``."""
        if self._cached is None or self.clock.monotonic() >= self._cached_until:
            self._cached = json_response(self._collect())
            self._cached_until = self.clock.monotonic() + CACHE_SECONDS
        return self._cached

    def _collect(self) -> dict[str, Any]:
        # One more than are counted shows whether others exist.
        count = NEWEST + 1
        found = list(islice(self.catalog.newest_first(only=FIELDS, count=count), count))
        newest = found[:NEWEST]
        counts = Counter(entry["status"] for entry in newest)
        return {
            "queue": self._depths(),
            "newest": {
                "images": len(newest),
                "processing": counts["processing"],
                "done": counts["done"],
                "failed": counts["failed"],
                "review": counts["review"],
                "rejected": counts["rejected"],
                "is_all": len(found) <= NEWEST,
            },
            "latency": latency(newest),
            "throughput": {
                "seconds": PERIOD_SECONDS,
                "counts": throughput(newest, self.clock.time()),
            },
        }

    def _depths(self) -> dict[str, int]:
        queue = self._attributes(self.queue_url, WAITING, IN_FLIGHT)
        dead = self._attributes(self.dead_letter_queue_url, WAITING)
        return {"waiting": queue[WAITING], "in_flight": queue[IN_FLIGHT], "dead": dead[WAITING]}

    def _attributes(
        self, url: str, *names: "QueueAttributeNameType"
    ) -> "dict[QueueAttributeNameType, int]":
        values = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return {name: int(values[name]) for name in names}


def latency(newest: list[Entry]) -> dict[str, Any] | None:
    """Return the latency from upload to done: percentiles by nearest rank, in milliseconds.

    Reviewed images are left out. None without any latency.
    """
    known = [
        entry.get("timings", {}).get("since_upload") for entry in newest if "review" not in entry
    ]
    recent = [milliseconds for milliseconds in known if milliseconds is not None]
    if not recent:
        return None
    ranked = sorted(recent)

    def percentile(part: float) -> int:
        return ranked[math.ceil(part * len(ranked)) - 1]

    return {"median": percentile(0.5), "p95": percentile(0.95), "recent": recent[:RECENT]}


def throughput(newest: list[Entry], now: float) -> list[int]:
    """Return the number of outcomes in each of the last periods, oldest first.

    ``now`` is in seconds since 1970; the last period contains it.
    """
    counts = [0] * PERIODS
    current = int(now // PERIOD_SECONDS)
    for entry in newest:
        if entry["status"] != "processing":
            updated = datetime.fromisoformat(entry["updated"]).timestamp()
            ago = current - int(updated // PERIOD_SECONDS)
            # Clocks differ a little: an outcome in the future counts as one of now.
            if ago < PERIODS:
                counts[PERIODS - 1 - max(0, ago)] += 1
    return counts
