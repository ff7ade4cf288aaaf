"""Waiting for conditions."""

import time
from collections.abc import Callable

from tests.speed import LIMIT


def wait_for[T](condition: Callable[[], T]) -> T:
    """Return the condition's first truthy value; fail when the time is up."""
    deadline = time.monotonic() + LIMIT
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{value!r} is the last value after {LIMIT:.0f} s"
        time.sleep(0.02)
    return value
