"""Waiting for conditions."""

import time
from collections.abc import Callable

from tests.speed import LIMIT


def wait_for[T](condition: Callable[[], T]) -> T:
    """Return the condition's first truthy value; fail when the time is up.

    The pauses grow: most conditions ask LocalStack, and take its time from what is waited for.
    """
    deadline, pause = time.monotonic() + LIMIT, 0.02
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{value!r} is the last value after {LIMIT:.0f} s"
        time.sleep(pause)
        pause = min(1.3 * pause, 0.25)
    return value
