"""The events of a log group, filtered and in pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from darkroom_emulator.logs.patterns import Pattern

MOST_EVENTS = 10_000
MOST_BYTES = 1 << 20
OVERHEAD = 26
"""Bytes that an event counts beside its message, as in PutLogEvents."""
ID_DIGITS = 56


@dataclass(frozen=True)
class Page:
    """Some events, and the token that leads to the next."""

    events: list[dict[str, Any]]
    next_token: str | None


@dataclass(frozen=True)
class _Found:
    """An event, its stream, and its place among all events of the group."""

    place: str
    stream: str
    event: Any

    def to_dict(self) -> dict[str, Any]:
        return {
            "logStreamName": self.stream,
            "timestamp": self.event.timestamp,
            "message": self.event.message,
            "ingestionTime": self.event.ingestion_time,
            "eventId": self.place[:ID_DIGITS],
        }


def is_token(text: str) -> bool:
    """Tell whether a text can be a ``Page.next_token``."""
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
    """Return the events that match, of all streams, ordered by their time.

    ``start`` and ``end`` are milliseconds of the epoch, both included. ``after`` is the token of
    the page before: it names the last event there, so that events that came in between neither
    move others nor are lost if they are later ones.
    """
    events: list[dict[str, Any]] = []
    size, last = 0, ""
    for found in sorted(_between(streams, start, end, after), key=lambda found: found.place):
        message = found.event.message
        if not pattern.match(message):
            continue
        size += len(message.encode()) + OVERHEAD
        if len(events) == limit or (events and size > MOST_BYTES):
            return Page(events, last)
        events.append(found.to_dict())
        last = found.place
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
            place = _place(event, stream.log_stream_name)
            if after is None or place > after:
                yield _Found(place, stream.log_stream_name, event)


def _place(event: Any, stream: str) -> str:
    """Return what orders events: their time, when they came in, their number, their stream.

    The numbers of events begin anew with each start of the emulator; with both times, they are
    unique.
    """
    return f"{event.timestamp:014d}{event.ingestion_time:014d}{event.event_id:028d}{stream}"
