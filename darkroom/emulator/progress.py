"""The wait for a starting emulator: as long as it makes progress, however slow the machine is."""

import time
from collections.abc import Callable, Iterator

Clock = Callable[[], float]

START_SECONDS = 60.0
"""Longest time without progress."""

LONGEST_SECONDS = 1800.0
"""Longest wait with progress: a process may be busy forever."""

POLL_SECONDS = 0.1


def polls(
    progress: Callable[[], float],
    seconds: float,
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Yield at intervals until ``progress`` has grown by less than 1 in ``seconds``.

    Progress is counted in seconds of processor time and in bytes of a log: an idle LocalStack uses
    less than 1% of a core.
    """
    end = clock() + LONGEST_SECONDS
    made, deadline = progress(), clock() + seconds
    while True:
        yield
        if (now := clock()) > deadline:
            if (reached := progress()) < made + 1 or now > end:
                return
            made, deadline = reached, now + seconds
        sleep(POLL_SECONDS)
