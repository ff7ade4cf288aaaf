"""Waiting for conditions."""

import time
from collections.abc import Callable

import psutil

from tests.speed import LIMIT


def wait_for[T](condition: Callable[[], T]) -> T:
    """Return the condition's first truthy value; fail when the time is up.

    The pauses grow: most conditions ask the emulator, and take its time from what is waited for.
    """
    deadline, pause = time.monotonic() + LIMIT, 0.02
    while not (value := condition()):
        if time.monotonic() > deadline:
            message = f"waited {LIMIT:.0f} s in vain; the last value was {value!r}"
            raise AssertionError(message)
        time.sleep(pause)
        pause = min(1.3 * pause, 0.25)
    return value


def goes_on(process: psutil.Process) -> bool:
    """Whether a process has not ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
