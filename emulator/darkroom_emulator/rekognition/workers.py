"""The threads that look at pictures.

There are as many as there are cores, however many requests come: a large picture takes some hundred
megabytes while it is decoded, and each thread that asks the C library for much memory keeps some.
When nothing has been looked at for a while, that is given back.
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Timer

from darkroom_emulator.rekognition.errors import missing_extra

_IDLE_SECONDS = 2.0


class Workers:
    """Threads that rest when they are done."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rekognition")
        self._lock = Lock()
        self._rest: Timer | None = None

    def run[T](self, work: Callable[[], T]) -> T:
        """Return what some work returns, when it is its turn; raise what it raises.

        Raises the error that names the extra where that is not installed.
        """
        try:
            return self._pool.submit(work).result()
        except ImportError as missing:
            raise missing_extra("vision") from missing
        finally:
            self._rest_soon()

    def _rest_soon(self) -> None:
        with self._lock:
            if self._rest is not None:
                self._rest.cancel()
            self._rest = Timer(_IDLE_SECONDS, give_memory_back)
            self._rest.daemon = True
            self._rest.start()


def give_memory_back() -> None:
    """Return to the system what is free, after something that took much and will not soon again."""
    # glibc alone has this, and glibc alone needs it.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


WORKERS = Workers()
