"""The threads that look at pictures.

There are as many as there are cores, however many requests come: a large picture takes some hundred
megabytes while it is decoded, and each thread that asks the C library for much memory keeps some.
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from darkroom_emulator.rekognition.errors import missing_extra

_POOL = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rekognition")


def run[T](work: Callable[[], T]) -> T:
    """Return what some work returns, when it is its turn; raise what it raises.

    Raises the error that names the extra where that is not installed.
    """
    try:
        return _POOL.submit(work).result()
    except ImportError as missing:
        raise missing_extra("vision") from missing


def give_memory_back() -> None:
    """Return to the system what is free, after something that took much and will not soon again."""
    # glibc alone has this, and glibc alone needs it.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
