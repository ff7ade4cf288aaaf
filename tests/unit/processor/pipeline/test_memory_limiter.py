"""How many pictures are worked on at a time."""

import os
import threading

import pytest

from processor.pipeline.memory_limiter import MemoryLimiter, cores
from tests.speed import LIMIT


@pytest.mark.parametrize(
    ("megabytes", "machine", "expected"),
    [(512, 2, 1), (1769, 2, 1), (3008, 2, 2), (3538, 6, 2), (10240, 6, 6), (10240, 2, 2)],
)
def test_processors_follow_the_memory(
    megabytes: int, machine: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda gives a processor for each 1,769 MB, of those that the machine has."""
    monkeypatch.setattr(os, "process_cpu_count", lambda: machine)
    assert cores(megabytes) == expected


class Visitor(threading.Thread):
    """A thread that acquires memory and holds it until it may release it."""

    def __init__(self, limiter: MemoryLimiter, memory: int) -> None:
        super().__init__(daemon=True)
        self._limiter, self._memory = limiter, memory
        self.is_in, self._may_go = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        """Come in, and stay."""
        with self._limiter.acquire(self._memory):
            self.is_in.set()
            self._may_go.wait(LIMIT)

    def leave(self) -> None:
        """Go."""
        self._may_go.set()
        self.join(LIMIT)

    def has_to_wait(self) -> bool:
        """Whether there is no room yet."""
        return not self.is_in.wait(0.05)


def test_places_are_counted() -> None:
    """No more are let in than there are places."""
    limiter = MemoryLimiter(2, 100)
    first, second = Visitor(limiter, 1), Visitor(limiter, 1)
    assert first.is_in.wait(LIMIT)
    assert second.is_in.wait(LIMIT)
    third = Visitor(limiter, 1)
    assert third.has_to_wait()
    first.leave()
    assert third.is_in.wait(LIMIT)
    second.leave()
    third.leave()


def test_memory_is_counted() -> None:
    """One that needs all of the memory is let in alone; so is one that needs more."""
    limiter = MemoryLimiter(4, 100)
    small, big = Visitor(limiter, 60), Visitor(limiter, 1000)
    assert small.is_in.wait(LIMIT)
    assert big.has_to_wait()
    small.leave()
    assert big.is_in.wait(LIMIT)
    late = Visitor(limiter, 1)
    assert late.has_to_wait()
    big.leave()
    assert late.is_in.wait(LIMIT)
    late.leave()


def test_a_big_one_is_not_kept_waiting_by_small_ones() -> None:
    """A later request waits behind an earlier one, even if its memory is free."""
    limiter = MemoryLimiter(4, 100)
    first = Visitor(limiter, 60)
    assert first.is_in.wait(LIMIT)
    big = Visitor(limiter, 90)
    assert big.has_to_wait()
    small = Visitor(limiter, 10)
    assert small.has_to_wait()
    first.leave()
    assert big.is_in.wait(LIMIT)
    assert small.is_in.wait(LIMIT)
    big.leave()
    small.leave()


def test_room_is_free_again_after_an_error() -> None:
    """A picture that fails leaves nothing taken."""
    limiter = MemoryLimiter(1, 100)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"), limiter.acquire(100):
            raise ValueError("broken")
    with limiter.acquire(100):
        pass
