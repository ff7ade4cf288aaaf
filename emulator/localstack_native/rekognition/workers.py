"""Worker threads that decode and analyze images, and their memory settings.

The number of threads is the number of cores, because decoding a large image takes some hundred
megabytes.
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from localstack_native.rekognition.errors import missing_extra

# glibc's mallopt: https://man7.org/linux/man-pages/man3/mallopt.3.html
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# With half of it, two of the networks take a third longer: they would allocate and return their
# memory for each image.
_LARGE = 8 * 1024**2

_C = ctypes.CDLL(None)
_POOL = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rekognition")


def run[T](work: Callable[[], T]) -> T:
    """Run work in a worker thread; return its result or raise its error.

    Raises an error that names the extra if its packages are not installed.
    """
    try:
        return _POOL.submit(work).result()
    except ImportError as missing:
        raise missing_extra("vision") from missing


def return_large_memory() -> None:
    """Return free memory to the system now, and large blocks as soon as they are freed.

    By default glibc keeps twice the largest block that was ever freed, in each thread: about 50 MB
    for labels, faces and moderation, and 200 MB for text.
    """
    # Other C libraries have neither function.
    if hasattr(_C, "mallopt"):
        _C.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        _C.mallopt(_M_TRIM_THRESHOLD, _LARGE)
    if hasattr(_C, "malloc_trim"):
        _C.malloc_trim(0)
