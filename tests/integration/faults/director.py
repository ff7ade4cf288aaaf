"""Who says what goes wrong where: functions ask it at every step, tests have told it before."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, override

from tests.speed import LIMIT

When = Literal["before", "after"]


@dataclass(frozen=True)
class Fault:
    """What happens to a step."""

    do: Literal["nothing", "kill", "answer", "reset", "cut", "memory", "sleep", "linger"]
    status: int = 0
    code: str = ""
    seconds: float = 0


NOTHING = Fault("nothing")
KILL = Fault("kill")
RESET = Fault("reset")
"""The connection closes; "after" is when the service has done what it was asked for."""
CUT = Fault("cut")
"""The connection closes in the midst of the answer's body; only "after" a call."""
OUT_OF_MEMORY = Fault("memory")
SLOW_DOWN = Fault("answer", 503, "SlowDown")
THROTTLED = Fault("answer", 400, "ProvisionedThroughputExceededException")
DENIED = Fault("answer", 403, "AccessDenied")
FORBIDDEN = Fault("answer", 400, "KMS.DisabledException")


def hang(seconds: float) -> Fault:
    """The step takes that much longer."""
    return Fault("sleep", seconds=seconds)


def linger(seconds: float) -> Fault:
    """The step takes until the function has so many seconds left."""
    return Fault("linger", seconds=seconds)


@dataclass(frozen=True)
class Step:
    """One that a function has come to."""

    key: str
    name: str
    """``service.Operation`` and what it is about, ``render``, or ``invocation``."""
    when: When
    at: float


@dataclass
class Rule:
    """A fault that is to strike."""

    key: str
    step: str
    """A step's name, with ``*`` for any part of it."""
    when: When
    fault: Fault
    times: int | None
    """How often it strikes; None for always."""
    passes: int
    """How often the step is passed unharmed first."""
    holds: bool
    strikes: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def lift(self) -> None:
        """Strike no more."""
        self.times = 0

    def strikes_at(self, step: Step) -> bool:
        """Whether this is the moment; counts it."""
        if self.key != step.key or self.when != step.when or not fnmatchcase(step.name, self.step):
            return False
        if self.passes:
            self.passes -= 1
            return False
        if self.times is not None and self.strikes >= self.times:
            return False
        self.strikes += 1
        return True


class Director:
    """Listens to the functions' steps, and answers each with its fault."""

    def __init__(self) -> None:
        self.address = ""
        """Where the functions find it, once it listens."""
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._steps: list[Step] = []
        self._began = time.monotonic()

    def arrange(
        self,
        key: str,
        step: str,
        fault: Fault = NOTHING,
        *,
        when: When = "before",
        times: int | None = 1,
        passes: int = 0,
        holds: bool = False,
    ) -> Rule:
        """Let a fault strike at a step of the work on a key.

        One that ``holds`` keeps the function waiting there until the rule is ``released``.
        """
        rule = Rule(key, step, when, fault, times, passes, holds)
        with self._lock:
            self._rules.append(rule)
        return rule

    def steps(self, key: str, name: str = "*", when: When = "before") -> list[Step]:
        """The steps that the work on a key has come to, in their order."""
        with self._lock:
            return [
                step
                for step in self._steps
                if step.key == key and step.when == when and fnmatchcase(step.name, name)
            ]

    def forget(self, key: str) -> None:
        """Begin the list of a key's steps anew."""
        with self._lock:
            self._steps = [step for step in self._steps if step.key != key]

    def meet(self, key: str, name: str, when: When) -> Fault:
        """A function has come to a step: hold it there if need be, and say what happens."""
        step = Step(key, name, when, time.monotonic() - self._began)
        with self._lock:
            self._steps.append(step)
            rule = next((rule for rule in self._rules if rule.strikes_at(step)), None)
        if rule is None:
            return NOTHING
        rule.reached.set()
        if rule.holds:
            rule.released.wait(LIMIT)
        return rule.fault

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Answer the functions."""
        director = self

        class Conversation(socketserver.StreamRequestHandler):
            @override
            def handle(self) -> None:
                for line in self.rfile:
                    told = json.loads(line)
                    fault = director.meet(told["key"], told["step"], told["when"])
                    try:
                        self.wfile.write(json.dumps(asdict(fault)).encode() + b"\n")
                    except OSError:
                        return  # its function has ended meanwhile

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 100

        with Server(("127.0.0.1", 0), Conversation) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            self.address = "{}:{}".format(*server.server_address)
            try:
                yield
            finally:
                for rule in self._rules:
                    rule.released.set()
                server.shutdown()
                thread.join()
