"""The change feed over HTTP: ``GET /images?since=…``, which can wait for changes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from processor.api.clock import Clock
from processor.api.http.problems import ProblemError, bad_request
from processor.api.http.request import Request
from processor.api.http.response import Response
from processor.api.numbers import number
from processor.catalog.entries import Catalog, Entry, Place
from processor.catalog.feed import ExpiredPositionError, Feed, FeedRecord, Position

NOW = "now"
"""The cursor of a reader that has just begun."""

CURSOR = re.compile(r"([0-9]{1,16})-([0-9]{1,12})")

DEFAULT_LIMIT, MAX_LIMIT = 50, 100
"""Changes in a page."""

MAX_PAGE_BYTES = 1_000_000
"""Size after which a page ends: a Lambda response has at most 6 MB."""

MAX_WAIT = 20
"""Seconds that a request waits for a change, at most: API Gateway ends it after 29."""

POLL_SECONDS = 0.5
"""Seconds between two looks at the feed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """``GET /images?since=…``."""

    feed: Feed
    catalog: Catalog
    image: Callable[[Entry], dict[str, Any]]
    """Returns an entry as clients see it."""
    most_wait: int
    """Seconds that this stack's requests wait at most; 0 if none waits."""
    clock: Clock

    def get(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Return the changes after a cursor, with the images as they are now."""
        limit = number("limit", parameters.get("limit"), DEFAULT_LIMIT, 1, MAX_LIMIT)
        wait = min(number("wait", parameters.get("wait"), 0, 0, MAX_WAIT), self.most_wait)
        if parameters["since"] == NOW:
            return _page([], self.feed.newest(), is_more=False)
        since = _position(parameters["since"])
        try:
            records = self._wait(since, limit, wait)
        except ExpiredPositionError:
            raise ProblemError(
                HTTPStatus.GONE,
                "cursor-expired",
                "Changes after this cursor are no longer kept. Start again: send since=now, then "
                "list the images, and go on with the `next` of the first response.",
            ) from None
        if not records:
            if _etag(since) in request.headers.get("if-none-match", ""):
                return Response(HTTPStatus.NOT_MODIFIED, headers={"ETag": _etag(since)})
            # Nothing came after it until now.
            return _page([], Position(since.number, int(self.clock.time())), is_more=False)
        return self._changes(records, limit)

    def _wait(self, since: Position, limit: int, seconds: float) -> list[FeedRecord]:
        """Return the records after a position; wait until there are any."""
        deadline = self.clock.monotonic() + seconds
        while True:
            records = self.feed.after(since, limit)
            left = deadline - self.clock.monotonic()
            if records or left <= 0:
                return records
            self.clock.sleep(min(POLL_SECONDS, left))

    def _changes(self, records: list[FeedRecord], limit: int) -> Response:
        """Return a page: each image once, at its last change, in its present state."""
        last = {record.key: record for record in records}
        order = sorted(last.values(), key=lambda record: record.number)
        places = [Place("", record.key) for record in order]
        entries = {place.filename: entry for place, entry in self.catalog.read(places)}
        changes: list[Any] = []
        size = 0
        end = records[-1]
        for record in order:
            change: dict[str, Any] = {
                "key": record.key,
                "status": record.status,
                "version": record.version,
                "updated": record.time,
            }
            entry = entries.get(record.key)
            if entry and entry["status"] != "deleted":
                change["image"] = self.image(entry)
            encoded = msgspec.Raw(msgspec.json.encode(change))
            size += len(encoded)
            if changes and size > MAX_PAGE_BYTES:
                # The page ends before this change. Later ones of images on it are repeated.
                end = next(each for each in reversed(records) if each.number < record.number)
                break
            changes.append(encoded)
        is_more = len(records) == limit or end is not records[-1]
        return _page(changes, Position(end.number, end.seconds), is_more=is_more)


def _page(changes: list[Any], position: Position, *, is_more: bool) -> Response:
    page = {"changes": changes, "next": f"{position.number}-{position.seconds}", "more": is_more}
    return Response(HTTPStatus.OK, msgspec.json.encode(page), headers={"ETag": _etag(position)})


def _etag(position: Position) -> str:
    return f'"{position.number}"'


def _position(cursor: str) -> Position:
    if not (match := CURSOR.fullmatch(cursor)):
        raise bad_request(
            "invalid-cursor",
            "The cursor is invalid. Send the `next` of the previous response unchanged, or "
            "since=now to start.",
        )
    return Position(int(match[1]), int(match[2]))
