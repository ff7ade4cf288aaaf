"""The wait for a starting emulator: as long as it makes progress, however slow the machine is."""

import time
from collections.abc import Callable, Iterator

import httpx

Clock = Callable[[], float]

START_SECONDS = 60.0
"""Longest time without progress."""

LONGEST_SECONDS = 1800.0
"""Longest wait with progress: a process may be busy forever."""

ERROR_SECONDS = 10.0
"""Longest time of error responses: one during the start may pass."""

POLL_SECONDS = 0.1


def responses(
    request: Callable[[], httpx.Response | None],
    progress: Callable[[], float],
    seconds: float,
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[httpx.Response | None]:
    """Yield the response to ``request`` at intervals, and None when there is none.

    Ends when ``progress`` has grown by less than 1 in ``seconds``, or when every response of
    ``ERROR_SECONDS`` was an error: the requests themselves make an emulator work and log. Progress
    is counted in seconds of processor time and in bytes of a log: an idle LocalStack uses less than
    1% of a core.
    """
    started = last_fine = clock()
    made, deadline = progress(), started + seconds
    while True:
        response = request()
        yield response
        now = clock()
        if response is None or response.is_success:
            last_fine = now
        elif now - last_fine > ERROR_SECONDS:
            return
        if now > deadline:
            if (reached := progress()) < made + 1 or now > started + LONGEST_SECONDS:
                return
            made, deadline = reached, now + seconds
        sleep(POLL_SECONDS)


def problem(response: httpx.Response | None) -> str:
    """Return what is wrong with the last response, in the emulator's own words."""
    if response is None:
        return "does not respond"
    text = " ".join(response.text.split())[:300]
    return f"responds with status {response.status_code}" + (f" ({text})" if text else "")
