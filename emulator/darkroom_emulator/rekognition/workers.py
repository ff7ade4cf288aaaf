"""The threads that look at pictures, and the memory that they do it in.

There are as many threads as there are cores, however many requests come: a large picture takes some
hundred megabytes while it is decoded.
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from darkroom_emulator.rekognition.errors import missing_extra

# glibc's mallopt: https://man7.org/linux/man-pages/man3/mallopt.3.html
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# With half of it, two of the networks take a third longer: what they need for each picture would
# come and go.
_LARGE = 8 * 1024**2

_C = ctypes.CDLL(None)
_POOL = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rekognition")


def run[T](work: Callable[[], T]) -> T:
    """Return what some work returns, when it is its turn; raise what it raises.

    Raises the error that names the extra where that is not installed.
    """
    try:
        return _POOL.submit(work).result()
    except ImportError as missing:
        raise missing_extra("vision") from missing


def return_large_memory() -> None:
    """Have what is large go back to the system as soon as it is free, and what is free now, too.

    By default glibc keeps twice the largest piece that was ever free, in each thread: some 50 MB
    more for labels, faces and moderation, and 200 MB for text.
    """
    # Another C library has neither function, and its own ways.
    if hasattr(_C, "mallopt"):
        _C.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        _C.mallopt(_M_TRIM_THRESHOLD, _LARGE)
    if hasattr(_C, "malloc_trim"):
        _C.malloc_trim(0)
