"""File system events, debounced: the paths that one save changes arrive together."""

import logging
import time
from collections.abc import Iterable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self

from watchdog.events import (
    EVENT_TYPE_CLOSED,
    EVENT_TYPE_CLOSED_NO_WRITE,
    EVENT_TYPE_MOVED,
    EVENT_TYPE_OPENED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

# Without a handler, watchdog prints a complaint when an event arrives while it stops.
logging.getLogger("watchdog").addHandler(logging.NullHandler())

QUIET_SECONDS = 0.03
"""Time without events that ends a burst: editors save in several steps."""

LONGEST_SECONDS = 2.0
"""A longer burst (a checkout, a build) is returned in pieces."""


class FileEvents(FileSystemEventHandler):
    """Watches folders and all below them while its ``with`` block runs.

    Events are hints: systems and editors differ in what they report of renames, and in which order.
    Look at the paths themselves.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._paths: SimpleQueue[tuple[Path, bool]] = SimpleQueue()
        self._closed: set[Path] = set()
        self._observer = Observer()
        for folder in folders:
            self._observer.schedule(self, str(folder), recursive=True)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Queue the paths of every event but reads."""
        if event.event_type in (EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE):
            return
        is_closed = event.event_type in (EVENT_TYPE_CLOSED, EVENT_TYPE_MOVED)
        for path in (event.src_path, event.dest_path):
            if path:
                self._paths.put((Path(str(path)), is_closed))

    def wait(self, seconds: float | None = None) -> set[Path]:
        """Return the paths of the next burst; none if no event arrives within ``seconds``."""
        try:
            paths = {self._next(seconds)}
        except Empty:
            return set()
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline:
            try:
                paths.add(self._next(QUIET_SECONDS))
            except Empty:
                break
        return paths

    def take_closed(self) -> set[Path]:
        """Return the files that were closed by their writers, or moved, since the last call."""
        closed, self._closed = self._closed, set()
        return closed

    def _next(self, seconds: float | None) -> Path:
        path, is_closed = self._paths.get(timeout=seconds)
        if is_closed:
            self._closed.add(path)
        return path

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.stop()
        self._observer.join()
