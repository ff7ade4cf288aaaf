"""Quiesce gate: holds requests that change state while a snapshot is taken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.002


class QuiesceGate:
    """A gate for requests that change state; it is shut while a snapshot is taken.

    - *open*: all requests pass.
    - *draining*: external requests wait. LocalStack's internal requests pass, because a request
      inside may depend on them.
    - *shut*: all requests wait, and none is inside.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_draining = False
        self._is_shut = False
        self._inside = 0

    def enter(self, *, is_internal: bool) -> None:
        """Wait until the request may pass, and count it as inside."""
        with self._changed:
            while self._is_shut or (self._is_draining and not is_internal):
                self._changed.wait()
            self._inside += 1

    def leave(self) -> None:
        """Count a finished request as outside."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def drain(self) -> None:
        """Hold external requests until ``open``."""
        with self._changed:
            self._is_draining = True

    def open(self) -> None:
        """Let all requests pass."""
        with self._changed:
            self._is_draining = self._is_shut = False
            self._changed.notify_all()

    def wait_until_open(self) -> None:
        """Return when external requests may pass."""
        with self._changed:
            while self._is_draining or self._is_shut:
                self._changed.wait()

    @contextmanager
    def shut(self, timeout: float, is_quiet: Callable[[], bool]) -> Iterator[bool]:
        """Shut the gate when no request is inside and ``is_quiet`` holds.

        Yields whether that happened within ``timeout`` (seconds); if not, the gate is shut anyway.
        """
        deadline = time.monotonic() + timeout
        self.drain()
        try:
            while True:
                with self._changed:
                    is_quiesced = self._inside == 0 and is_quiet()
                    if is_quiesced or time.monotonic() > deadline:
                        self._is_shut = True
                        break
                    self._changed.wait(POLL_SECONDS)
            yield is_quiesced
        finally:
            self.open()
