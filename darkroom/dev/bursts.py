"""Changes of files, as many as belong together at a time."""

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

# At its end it may complain, on the terminal, of an event that came too late for its threads.
logging.getLogger("watchdog").addHandler(logging.NullHandler())

QUIET_SECONDS = 0.03
"""A burst ends when nothing happened for so long: editors save in several steps."""

LONGEST_SECONDS = 2.0
"""A burst that does not end (a checkout, a build) is taken as far as it has come."""


class Bursts(FileSystemEventHandler):
    """Watches folders, with all below them, for as long as it is entered.

    Events are hints: what they say of renames and their order differs between systems and editors,
    so that whoever is told of a path looks at what is there.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._paths: SimpleQueue[tuple[Path, bool]] = SimpleQueue()
        self._complete: set[Path] = set()
        self._observer = Observer()
        for folder in folders:
            self._observer.schedule(self, str(folder), recursive=True)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note what changed; reading changes nothing."""
        if event.event_type in (EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE):
            return
        is_complete = event.event_type in (EVENT_TYPE_CLOSED, EVENT_TYPE_MOVED)
        for path in (event.src_path, event.dest_path):
            if path:
                self._paths.put((Path(str(path)), is_complete))

    def wait(self, seconds: float | None = None) -> set[Path]:
        """Wait for a burst and return its paths; none if nothing happens for so long."""
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

    def take_complete(self) -> set[Path]:
        """Files that were closed by who wrote them, or moved, since this was asked last."""
        complete, self._complete = self._complete, set()
        return complete

    def _next(self, seconds: float | None) -> Path:
        path, is_complete = self._paths.get(timeout=seconds)
        if is_complete:
            self._complete.add(path)
        return path

    def __enter__(self) -> Self:
        self._observer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.stop()
        self._observer.join()
