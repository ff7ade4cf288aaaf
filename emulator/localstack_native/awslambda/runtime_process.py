"""Runtime process: start, readiness, invocation, limits and end of one function runtime."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue

from localstack_native.awslambda import supervisor
from localstack_native.awslambda.failures import Exited, InitFailed, OutOfMemory, TimedOut
from localstack_native.awslambda.memory import MemoryWatch
from localstack_native.awslambda.runtime_api import (
    Event,
    InitError,
    InvocationResponse,
    Message,
    Ready,
    RuntimeApi,
)

SAMPLE_SECONDS = 0.02
LOGS_SECONDS = 1.0
KILL_SECONDS = 5.0
SIGKILL = 9


@dataclass(frozen=True)
class LaunchSpec:
    """The launch specification of a runtime, sent to its supervisor as one line of JSON."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    log: str
    """The file that stdout and stderr are appended to."""
    folder: str
    """The environment's folder, removed when LocalStack ends."""
    tmp: str
    """The folder that becomes the function's /tmp."""
    visible: list[str]
    """Folders that the function must see even if they are below the system's /tmp."""
    read_only: list[str]
    """The folders of code and layers, which the function can't change."""
    cached: list[str]
    """Those of them that the emulator owns: it may change their permissions."""


@dataclass(frozen=True)
class Limits:
    """Resource limits of one runtime: memory in MiB, response size in bytes."""

    memory_mib: int
    response_bytes: int
    is_suspended: Callable[[], bool] = lambda: False
    """Returns whether timeouts are suspended, as while a debugger is attached."""


class RuntimeProcess:
    """A runtime process with its supervisor and its Runtime API server.

    All events arrive as messages in one queue: the runtime's steps (see ``RuntimeApi``) and its
    exit (``Exited``). The thread that waits for a message also checks the deadline and the memory.
    """

    def __init__(self, launch_spec: Callable[[str], LaunchSpec], limits: Limits) -> None:
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
        self._closing = threading.Lock()
        self._write(json.dumps(asdict(launch_spec(self._api.address))).encode() + b"\n")
        self.memory = MemoryWatch(self._process.pid)
        self._runtime_pid: int | None = None
        self._is_dead = False
        self._watcher = threading.Thread(
            target=self._watch, name="lambda-runtime-watch", daemon=True
        )
        self._watcher.start()

    @property
    def has_ended(self) -> bool:
        """Return whether the runtime is dead, even if its exit is not reported yet."""
        if self._is_dead or self._runtime_pid is None:
            return self._is_dead
        try:
            with open(
                f"/proc/{self._runtime_pid}/stat", encoding="ascii", errors="replace"
            ) as file:
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

    def invoke(self, event: Event, deadline: float, allowed: float) -> InvocationResponse:
        """Return the runtime's response when its logs are complete; raise a RuntimeFailure."""
        self._api.send(event)
        while True:
            match self._receive(deadline, allowed):
                case InvocationResponse() as response:
                    self._wait_for_logs(min(deadline, time.monotonic() + LOGS_SECONDS))
                    return response

    def end(self, *, keep_folder: bool) -> None:
        """Kill the runtime and all of its processes; return when they are dead."""
        self._keep_folder = keep_folder
        self._close_lifeline()
        try:
            self._process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # takes the runtime with it (PR_SET_PDEATHSIG)
        self._watcher.join(KILL_SECONDS)

    def _receive(self, deadline: float, allowed: float) -> Message:
        """Return the next message; raise TimedOut, OutOfMemory or Exited."""
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
                    # The full time starts again when the debugger detaches.
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
        """Wait for the ``next`` that follows a response, or for the end of the process."""
        while time.monotonic() < deadline:
            try:
                if isinstance(self._messages.get(timeout=deadline - time.monotonic()), Ready):
                    return
            except Empty:
                return
            if self._is_dead:
                return

    def _watch(self) -> None:
        """Read the supervisor's reports until the runtime and its descendants are dead."""
        assert self._process.stdout is not None
        status = SIGKILL  # for a supervisor that ends without a report
        for line in self._process.stdout:
            fact = json.loads(line)
            self._runtime_pid = fact.get("pid", self._runtime_pid)
            if "status" in fact:
                status = fact["status"]
                self._close_lifeline()
        self._process.stdout.close()
        self._process.wait()
        self._is_dead = True
        self._messages.put(Exited(status))
        self._api.close()

    def _close_lifeline(self) -> None:
        """Close the lifeline, once."""
        with self._closing:
            assert self._process.stdin is not None
            if self._process.stdin.closed:
                return
            self._write(b"k" if self._keep_folder else b"")
            try:
                self._process.stdin.close()
            except OSError:
                pass

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError:
            pass  # the supervisor is dead, which ``_watch`` reports
