"""The wait for a starting emulator."""

from collections.abc import Callable

import httpx

from darkroom.emulator import progress
from darkroom.emulator.progress import LONGEST_SECONDS, problem, responses


class Machine:
    """A clock that only ``sleep`` advances, and a process that works for a time."""

    def __init__(self, works_until: float, rate: float = 1.0) -> None:
        self.now = 0.0
        self._works_until, self._rate = works_until, rate

    def work(self) -> float:
        """Return the seconds of processor time used until now."""
        return min(self.now, self._works_until) * self._rate

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds

    def waits(self, status: Callable[[float], int | None] = lambda now: None) -> float:
        """Return how long a start that never ends is waited for.

        ``status`` returns that of the response at a time; None for no response.
        """

        def request() -> httpx.Response | None:
            code = status(self.now)
            return httpx.Response(code) if code else None

        for _ in responses(request, self.work, 60.0, lambda: self.now, self.sleep):
            pass
        return self.now


def test_a_process_that_hangs() -> None:
    """Without progress, the wait ends after the limit; what an idle process uses is none."""
    assert 60 <= Machine(works_until=0).waits() < 61
    assert 60 <= Machine(works_until=1e6, rate=0.01).waits() < 61


def test_a_slow_start() -> None:
    """A process that works, however slowly, is waited for until it has done nothing for the limit."""
    assert 500 < Machine(works_until=500, rate=0.05).waits() < 621


def test_a_process_that_is_busy_forever() -> None:
    """The wait has an end."""
    assert Machine(works_until=1e6).waits() < LONGEST_SECONDS + 61
    assert progress.LONGEST_SECONDS > progress.START_SECONDS


def test_errors_that_do_not_pass() -> None:
    """Error responses of ten seconds end the wait, though the process works; shorter ones do not."""
    busy = Machine(works_until=1e6)
    assert 10 < busy.waits(lambda now: 500) < 11
    busy = Machine(works_until=1e6)
    assert 110 < busy.waits(lambda now: 500 if 5 < now < 14 or now >= 100 else 200) < 111


def test_the_problem_has_the_emulators_words() -> None:
    """A response that is an error is described with its status and its text."""
    assert problem(None) == "does not respond"
    assert problem(httpx.Response(500)) == "responds with status 500"
    response = httpx.Response(501, text="no provider\nfor cloudformation")
    assert problem(response) == "responds with status 501 (no provider for cloudformation)"
