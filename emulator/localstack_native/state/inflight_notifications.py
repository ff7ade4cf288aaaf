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


def count_notifications() -> None:
    """Count the notifications of S3 and SNS, which load later.

    A snapshot with an object but without its pending event would lose the event.
    """
    from localstack.services.s3 import notifications
    from localstack.services.sns import publisher

    for module in (notifications, publisher):
        patched: Any = module
        patched.ThreadPoolExecutor = CountingExecutor


def all_delivered() -> bool:
    """Return whether all notifications are delivered."""
    return IN_FLIGHT.value == 0
