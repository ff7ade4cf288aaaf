"""Who may change something, and when nobody may."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GLANCE_SECONDS = 0.002


class Gate:
    """A gate that requests pass which change state; it is shut while a snapshot is taken.

    - *open*: everybody passes.
    - *draining*: those from outside wait; what LocalStack asks of itself passes, as somebody who is
      inside may wait for that.
    - *shut*: everybody waits. Nobody is inside.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_draining = False
        self._is_shut = False
        self._inside = 0

    def enter(self, *, is_internal: bool) -> None:
        """Pass, when one may."""
        with self._changed:
            while self._is_shut or (self._is_draining and not is_internal):
                self._changed.wait()
            self._inside += 1

    def leave(self) -> None:
        """Say that one who has entered is done."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def drain(self) -> None:
        """Let nobody in from outside until ``open``."""
        with self._changed:
            self._is_draining = True

    def open(self) -> None:
        """Let everybody in."""
        with self._changed:
            self._is_draining = self._is_shut = False
            self._changed.notify_all()

    def wait_until_open(self) -> None:
        """Return when those from outside may enter."""
        with self._changed:
            while self._is_draining or self._is_shut:
                self._changed.wait()

    @contextmanager
    def shut(self, patience: float, is_quiet: Callable[[], bool]) -> Iterator[bool]:
        """Shut the gate when nobody is inside and what they have set off has come to an end.

        Answers whether that was so within ``patience`` (seconds); if not, it is shut all the same.
        """
        deadline = time.monotonic() + patience
        self.drain()
        try:
            while True:
                with self._changed:
                    is_still = self._inside == 0 and is_quiet()
                    if is_still or time.monotonic() > deadline:
                        self._is_shut = True
                        break
                    self._changed.wait(GLANCE_SECONDS)
            yield is_still
        finally:
            self.open()
