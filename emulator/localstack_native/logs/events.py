"""Filtered pages of a log group's events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from localstack_native.logs.patterns import Pattern

MOST_EVENTS = 10_000
MOST_BYTES = 1 << 20
OVERHEAD = 26
"""Bytes that an event counts in addition to its message, as in PutLogEvents."""
ID_DIGITS = 56


@dataclass(frozen=True)
class Page:
    """A page of events, and the token of the next page."""

    events: list[dict[str, Any]]
    next_token: str | None


@dataclass(frozen=True)
class _Found:
    """An event, its stream, and its sort key among all events of the group."""

    order: str
    stream: str
    event: Any

    def to_dict(self) -> dict[str, Any]:
        return {
            "logStreamName": self.stream,
            "timestamp": self.event.timestamp,
            "message": self.event.message,
            "ingestionTime": self.event.ingestion_time,
            "eventId": self.order[:ID_DIGITS],
        }


def is_token(text: str) -> bool:
    """Return whether a text can be a ``Page.next_token``."""
    digits = text[:ID_DIGITS]
    return len(text) > ID_DIGITS and digits.isascii() and digits.isdecimal()


def page(
    streams: Sequence[Any],
    pattern: Pattern,
    *,
    start: int | None = None,
    end: int | None = None,
    after: str | None = None,
    limit: int = MOST_EVENTS,
) -> Page:
    """Return the matching events of all streams, ordered by time.

    ``start`` and ``end`` are milliseconds since the epoch, both inclusive. ``after`` is the token
    of the previous page. It identifies that page's last event, so events that are added meanwhile
    do not shift the pages.
    """
    events: list[dict[str, Any]] = []
    size, last = 0, ""
    for found in sorted(_between(streams, start, end, after), key=lambda found: found.order):
        message = found.event.message
        if not pattern.match(message):
            continue
        size += len(message.encode()) + OVERHEAD
        if len(events) == limit or (events and size > MOST_BYTES):
            return Page(events, last)
        events.append(found.to_dict())
        last = found.order
    return Page(events, None)


def _between(
    streams: Sequence[Any], start: int | None, end: int | None, after: str | None
) -> Iterator[_Found]:
    for stream in streams:
        for event in list(stream.events):
            if start is not None and event.timestamp < start:
                continue
            if end is not None and event.timestamp > end:
                continue
            order = _order(event, stream.log_stream_name)
            if after is None or order > after:
                yield _Found(order, stream.log_stream_name, event)


def _order(event: Any, stream: str) -> str:
    """Return an event's sort key: its time, ingestion time, number and stream.

    Events' numbers restart at each start of the emulator; with both times, they are unique.
    """
    return f"{event.timestamp:014d}{event.ingestion_time:014d}{event.event_id:028d}{stream}"
