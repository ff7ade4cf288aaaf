"""Events that S3 and SNS have given to threads, and that have not arrived yet."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Counter:
    """A number that threads change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.value = 0

    def add(self, number: int) -> None:
        """Change it."""
        with self._lock:
            self.value += number


UNDER_WAY = Counter()


class CountingExecutor(ThreadPoolExecutor):
    """An executor whose tasks are counted until they are done."""

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Have it done."""
        UNDER_WAY.add(1)
        try:
            future = super().submit(task, *arguments, **named)
        except BaseException:
            UNDER_WAY.add(-1)
            raise
        future.add_done_callback(lambda _: UNDER_WAY.add(-1))
        return future


def count_them() -> None:
    """Have the services that are loaded later count what they deliver.

    An object whose event is on its way is not at rest: a snapshot between the two would be one of a
    picture that nobody is ever told of.
    """
    from localstack.services.s3 import notifications
    from localstack.services.sns import publisher

    for module in (notifications, publisher):
        place: Any = module
        place.ThreadPoolExecutor = CountingExecutor


def none_under_way() -> bool:
    """Say whether all have arrived."""
    return UNDER_WAY.value == 0
