"""Waiting for conditions."""

import time
from collections.abc import Callable

import psutil


def wait_for[T](condition: Callable[[], T], seconds: float = 10.0) -> T:
    """Return the condition's first truthy value; fail when the time is up."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            message = f"waited {seconds} s in vain; the last value was {value!r}"
            raise AssertionError(message)
        time.sleep(0.02)
    return value


def goes_on(process: psutil.Process) -> bool:
    """Whether a process has not ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
