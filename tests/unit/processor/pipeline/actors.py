"""Deliveries in threads of their own that stop before each call, until a test lets them go on."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from tests.speed import LIMIT


class KilledError(BaseException):
    """The function's process is no more: nothing of ours runs after it."""


class Inline(Executor):
    """Does what it is given at once, so that a delivery has one call under way at a time."""

    def submit(self, work: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        """Do it; only a death goes through."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments, **named))
        except Exception as failure:  # noqa: BLE001 (the future holds it)
            future.set_exception(failure)
        return future


@dataclass(repr=False)
class Message:
    """A message in the queue, or in the dead-letter queue."""

    id: str
    body: str
    received: int = 0
    state: str = "waiting"
    hidden_until: float = 0

    def __repr__(self) -> str:
        return f"{self.id} {self.state}"


@dataclass
class Fault:
    """What is to become of a call, instead of its happening."""

    raises: BaseException | None = None
    after: bool = False
    """The call happens, and only its answer is lost."""


@dataclass(eq=False, repr=False)
class Actor:
    """A delivery at work, stopped before a call."""

    message: Message
    work: "Callable[[Actor], None]"
    fault: Fault = field(default_factory=Fault)
    waits_for: str = ""
    go: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Lock = field(default_factory=threading.Lock)
    is_over: bool = False
    crash: BaseException | None = None

    def __post_init__(self) -> None:
        self.go.acquire()
        self.stopped.acquire()

    def __repr__(self) -> str:
        return f"{self.message.id} before {self.waits_for}"

    def start(self) -> None:
        """Run up to the first call."""
        threading.Thread(target=self._run, daemon=True).start()
        self._wait()

    def step(self, fault: Fault | None = None) -> None:
        """Let the call happen, or the fault, and run up to the next one."""
        self.fault = fault or Fault()
        self.go.release()
        self._wait()

    def steps(self, count: int | None = None) -> None:
        """Let so many calls happen, or all."""
        while not self.is_over and count != 0:
            self.step()
            count = None if count is None else count - 1

    def before(self, operation: str) -> None:
        """Stop before a call, until the test lets it happen."""
        self.waits_for = operation
        self.stopped.release()
        assert self.go.acquire(timeout=LIMIT)
        if self.fault.raises and not self.fault.after:
            raise self.fault.raises

    def after(self) -> None:
        """Lose the answer."""
        if self.fault.raises and self.fault.after:
            raise self.fault.raises

    def _wait(self) -> None:
        assert self.stopped.acquire(timeout=LIMIT), f"stuck before {self.waits_for}"
        if self.crash:
            raise self.crash

    def _run(self) -> None:
        try:
            self.work(self)
        except BaseException as crash:  # noqa: BLE001 (raised by the test's own thread)
            self.crash = crash
        self.is_over = True
        self.stopped.release()
