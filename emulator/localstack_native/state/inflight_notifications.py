"""In-flight notifications: events of S3 and SNS that threads have not delivered yet."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Counter:
    """A thread-safe counter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.value = 0

    def add(self, number: int) -> None:
        """Add a number, which may be negative."""
        with self._lock:
            self.value += number


IN_FLIGHT = Counter()


class CountingExecutor(ThreadPoolExecutor):
    """An executor that counts its unfinished tasks."""

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Submit a task and count it until it is done."""
        IN_FLIGHT.add(1)
        try:
            future = super().submit(task, *arguments, **named)
        except BaseException:
            IN_FLIGHT.add(-1)
            raise
        future.add_done_callback(lambda _: IN_FLIGHT.add(-1))
        return future


def all_delivered() -> bool:
    """Return whether all notifications are delivered."""
    return IN_FLIGHT.value == 0
