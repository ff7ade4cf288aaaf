"""Memory limiter: how many images are rendered at a time, and in how much memory."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MEGABYTES_PER_CORE = 1769
"""At 1,769 MB "a function has the equivalent of one vCPU".
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""


def cores(megabytes: int) -> int:
    """Return the processors that a function of that memory has, at most the machine's."""
    return max(1, min(os.process_cpu_count() or 1, round(megabytes / MEGABYTES_PER_CORE)))


class MemoryLimiter:
    """Admits as many images as there are processors and memory for, first come, first served.

    One that needs more than all memory is admitted alone: the engine's limits have accepted it.
    """

    def __init__(self, places: int, memory: int) -> None:
        """Limit rendering to ``places`` images, and to ``memory`` bytes in total."""
        self._places = places
        self._memory = memory
        self._all = memory
        self._changed = threading.Condition()
        self._line: list[object] = []

    @contextmanager
    def acquire(self, memory: int) -> Iterator[None]:
        """Wait for a place and ``memory`` bytes, and release both after the block."""
        memory = min(memory, self._all)
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            self._changed.wait_for(
                lambda: self._line[0] is ticket and self._places >= 1 and self._memory >= memory
            )
            self._line.remove(ticket)
            self._places -= 1
            self._memory -= memory
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._places += 1
                self._memory += memory
                self._changed.notify_all()
