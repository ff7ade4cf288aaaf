"""A log group for tests."""

import itertools
import time
from typing import Any

_numbers = itertools.count()


class Group:
    """A log group of one test, whose events start at ``start`` (milliseconds)."""

    def __init__(self, logs: Any) -> None:
        self.logs = logs
        self.name = f"filters-{next(_numbers)}"
        self.start = int(time.time() * 1000) - 60_000
        self._streams: set[str] = set()
        logs.create_log_group(logGroupName=self.name)

    def put(
        self, *messages: str, stream: str = "one", at: int | None = None, step: int = 0
    ) -> None:
        """Put events, ``step`` milliseconds apart."""
        names = {"logGroupName": self.name, "logStreamName": stream}
        if stream not in self._streams:
            self.logs.create_log_stream(**names)
            self._streams.add(stream)
        begin = self.start if at is None else at
        events = [
            {"timestamp": begin + place * step, "message": message}
            for place, message in enumerate(messages)
        ]
        self.logs.put_log_events(**names, logEvents=events)

    def page(self, **options: Any) -> dict[str, Any]:
        """Return one page of events."""
        return dict(self.logs.filter_log_events(logGroupName=self.name, **options))

    def found(self, pattern: str = "", **options: Any) -> list[str]:
        """Return the messages on all pages."""
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.name, filterPattern=pattern, **options
        )
        return [event["message"] for page in pages for event in page["events"]]
