"""One life of a runtime process, from its start to its end."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue

from darkroom_emulator.awslambda import supervisor
from darkroom_emulator.awslambda.failures import Exited, InitFailed, OutOfMemory, TimedOut
from darkroom_emulator.awslambda.memory import MemoryWatch
from darkroom_emulator.awslambda.runtime_api import (
    Answer,
    Event,
    InitError,
    Message,
    Ready,
    RuntimeApi,
)

SAMPLE_SECONDS = 0.02
LOGS_SECONDS = 1.0
KILL_SECONDS = 5.0
SIGKILL = 9


@dataclass(frozen=True)
class Order:
    """What a supervisor is to run; each field is a line of JSON to it."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    log: str
    """The file that stdout and stderr are appended to."""
    folder: str
    """The environment's folder, removed when LocalStack dies."""
    tmp: str
    """The folder that becomes the function's /tmp."""
    visible: list[str]
    """Folders that the function must see even if they lie under the system's /tmp."""


@dataclass(frozen=True)
class Limits:
    """What one runtime may use."""

    memory_mib: int
    response_bytes: int
    is_suspended: Callable[[], bool] = lambda: False
    """Whether time does not count: somebody debugs the function."""


class Incarnation:
    """A runtime process with its supervisor and its Runtime API server.

    Everything that happens to it arrives as a message in one queue: the runtime's steps (see
    ``RuntimeApi``) and its end (``Exited``). The one thread that waits for a message also watches
    the clock and the memory, and ends the runtime when either runs out.
    """

    def __init__(self, order: Callable[[str], Order], limits: Limits) -> None:
        self._limits = limits
        self._messages: SimpleQueue[Message | Exited] = SimpleQueue()
        self._api = RuntimeApi(self._messages.put, limits.response_bytes)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={},
            cwd="/",
            start_new_session=True,
        )
        self._keep_folder = True
        self._letting_go = threading.Lock()
        self._tell(json.dumps(asdict(order(self._api.address))).encode() + b"\n")
        self.memory = MemoryWatch(self._process.pid)
        self._runtime: int | None = None
        self._is_dead = False
        self._watcher = threading.Thread(
            target=self._watch, name="lambda-runtime-watch", daemon=True
        )
        self._watcher.start()

    @property
    def has_ended(self) -> bool:
        """Say whether the runtime is dead, be it reported yet or not."""
        if self._is_dead or self._runtime is None:
            return self._is_dead
        try:
            with open(f"/proc/{self._runtime}/stat", encoding="ascii", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0] in "ZX"
        except OSError:
            return True

    def wait_until_ready(self, deadline: float, allowed: float) -> None:
        """Return when the function is loaded; raise the RuntimeFailure that prevents it."""
        while True:
            match self._receive(deadline, allowed):
                case Ready():
                    return
                case InitError(payload):
                    raise InitFailed(payload)

    def invoke(self, event: Event, deadline: float, allowed: float) -> Answer:
        """Return the runtime's answer, with its logs complete; raise a RuntimeFailure if none."""
        self._api.send(event)
        while True:
            match self._receive(deadline, allowed):
                case Answer() as answer:
                    self._wait_for_logs(min(deadline, time.monotonic() + LOGS_SECONDS))
                    return answer

    def end(self, *, keep_folder: bool) -> None:
        """Kill the runtime and all it started; return when they are dead."""
        self._keep_folder = keep_folder
        self._let_go()
        try:
            self._process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # takes the runtime with it (PR_SET_PDEATHSIG)
        self._watcher.join(KILL_SECONDS)

    def _receive(self, deadline: float, allowed: float) -> Message:
        """Return the next message; raise when time, memory or the process has come to its end."""
        while True:
            try:
                message = self._messages.get(
                    timeout=max(0, min(SAMPLE_SECONDS, deadline - time.monotonic()))
                )
            except Empty:
                self._check_memory()
                if time.monotonic() >= deadline:
                    if not self._limits.is_suspended():
                        raise TimedOut(allowed) from None
                    # All of it again, from when the debugger leaves.
                    deadline = time.monotonic() + allowed
                continue
            if isinstance(message, Exited):
                raise message
            self._check_memory()
            return message

    def _check_memory(self) -> None:
        if self.memory.sample() > self._limits.memory_mib * 1024:
            raise OutOfMemory

    def _wait_for_logs(self, deadline: float) -> None:
        """Wait for the ``next`` that follows an answer, or for the end of the process."""
        while time.monotonic() < deadline:
            try:
                if isinstance(self._messages.get(timeout=deadline - time.monotonic()), Ready):
                    return
            except Empty:
                return
            if self._is_dead:
                return

    def _watch(self) -> None:
        """Follow the supervisor's reports until the runtime and all below it are dead."""
        assert self._process.stdout is not None
        status = SIGKILL  # a supervisor that ends without a report was killed, or was told to end
        for line in self._process.stdout:
            fact = json.loads(line)
            self._runtime = fact.get("pid", self._runtime)
            if "status" in fact:
                status = fact["status"]
                self._let_go()
        self._process.stdout.close()
        self._process.wait()
        self._is_dead = True
        self._messages.put(Exited(status))
        self._api.close()

    def _let_go(self) -> None:
        """Close the lifeline, once."""
        with self._letting_go:
            assert self._process.stdin is not None
            if self._process.stdin.closed:
                return
            self._tell(b"k" if self._keep_folder else b"")
            try:
                self._process.stdin.close()
            except OSError:
                pass

    def _tell(self, words: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(words)
            self._process.stdin.flush()
        except OSError:
            pass  # it is dead, which ``_watch`` reports
