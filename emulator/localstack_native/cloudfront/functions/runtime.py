"""Runtime of functions: runs one event in a new QuickJS context, bounded in time and memory.

A run starts from nothing, as on AWS: no state of an earlier run is seen. The context belongs to the
thread that runs it, which prepares more of them while there are no events. Values cross the border
as JSON: QuickJS cuts large integers that are passed otherwise. With a time limit, the engine must
not call Python. So a function that reads its key value store stops at ``await``, and continues when
Python has given it the values.
"""

import json
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Literal

import quickjs

from localstack_native.cloudfront.functions import syntax
from localstack_native.cloudfront.functions.models import KeyValues

SECONDS = 1.0
"""The processor time of a run. AWS allows about a millisecond on its own machines."""

MEMORY = 16 * 1024 * 1024
"""Bytes, with the engine's own objects. AWS's limit is 2 MB."""

_FILES = (
    "options",
    "text",
    "buffer",
    "crypto",
    "querystring",
    "encoders",
    "console",
    "cloudfront",
    "globals",
    "handler",
)
IDLE_SECONDS = 0.025
"""Seconds without an event after which a thread prepares another context: before, it would compete
with the requests of a page."""
PAUSE_SECONDS = 0.003
"""Seconds between a run and the preparation of the next context, if the thread has no other."""
_PREPARED = 6
"""Contexts of a thread, of 0.4 MB each."""
_THREADS = 4
"""Runs at the same time, each limited to SECONDS."""
_STACK = 256 * 1024
_STEPS = 100_000
"""Jobs of promises in a run."""

type Kind = Literal["FunctionExecutionError", "FunctionThrottledError", "FunctionValidationError"]


type _Job = tuple["Future[Run]", str, Mapping[str, Any], KeyValues | None]


@dataclass(frozen=True, slots=True)
class Run:
    """A completed run."""

    result: Any
    logs: list[str] = field(default_factory=list)
    origin: Mapping[str, Any] | None = None
    """The origin that the function has set: its ``id``, if any, and ``changes``."""
    utilization: int = 0
    """Processor time as a percentage of a millisecond, at most 100."""


class FunctionError(Exception):
    """A run that failed; ``kind`` is the first word of X-Cache."""

    def __init__(self, kind: Kind, reason: str, logs: list[str] | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.logs = logs or []


def compiled(code: bytes) -> str:
    """Return code as the engine runs it. Raises ValueError for code that AWS refuses.

    Lines keep their numbers. An import becomes a constant.
    """
    syntax.check(code)
    text = _prepared(code)
    context = quickjs.Context()
    context.set_max_stack_size(_STACK)
    try:
        # Parsed, and not run: names that are declared twice, and labels that do not exist.
        context.eval(f'(function () {{"use strict"; {text}\n}})')
    except quickjs.JSException as error:
        raise ValueError(_first_line(error)) from error
    return text


def run(code: str, event: Mapping[str, Any], store: KeyValues | None = None) -> Run:
    """Run the handler of compiled code. Raises FunctionError."""
    done: Future[Run] = Future()
    _jobs().put((done, code, event, store))
    return done.result()


@cache
def _jobs() -> SimpleQueue[_Job]:
    """Return the queue of threads, which it starts."""
    jobs: SimpleQueue[_Job] = SimpleQueue()
    for _ in range(_THREADS):
        Thread(target=_work, args=(jobs,), name="cloudfront-function", daemon=True).start()
    return jobs


def _work(jobs: SimpleQueue[_Job]) -> None:
    code = ""
    prepared: deque[_Running] = deque()
    while True:
        if not prepared:
            # The next function is likely the last one.
            prepared.append(_Running(code))
        is_full = len(prepared) == _PREPARED
        try:
            done, code, event, store = jobs.get(timeout=None if is_full else IDLE_SECONDS)
        except Empty:
            prepared.append(_Running(code))
            continue
        running = prepared.popleft()
        try:
            done.set_result(running.run(code, event, store))
        except BaseException as error:  # noqa: BLE001 (raised where it is waited for)
            done.set_exception(error)
        # The thread that created a context has to end it.
        del running, done
        if not prepared:
            # Other threads have contexts. Preparing this one competes with the response.
            time.sleep(PAUSE_SECONDS)


class _Running:
    """One run, in the thread that creates it."""

    def __init__(self, code: str) -> None:
        self._context = quickjs.Context()
        self._context.set_memory_limit(MEMORY)
        self._context.set_max_stack_size(_STACK)
        # With a limit, the engine lets Python's other threads run.
        self._context.set_time_limit(SECONDS)
        self._context.set("__host", self._context.eval(_source())())
        names = ("configure", "start", "look", "give", "logs")
        self._configure, self._begin, self._look, self._give, self._logs = (
            self._context.eval(f"__host.{name}") for name in names
        )
        self._context.eval("__host.hide()")
        self._code, self._handler_of = code, self._parsed(code)

    def run(self, code: str, event: Mapping[str, Any], store: KeyValues | None) -> Run:
        self._store = store
        options = {"store": {"id": store.id, "meta": dict(store.meta)} if store else None}
        self._configure(json.dumps(options))
        self._started = time.thread_time()
        self._context.set_time_limit(SECONDS)
        try:
            return self._finished(code, json.dumps(event))
        except quickjs.StackOverflow as error:
            raise FunctionError(
                "FunctionExecutionError", _first_line(error), self._logged()
            ) from error
        except quickjs.JSException as error:
            reason = _first_line(error)
            is_late = reason == "InternalError: interrupted"
            if is_late:
                reason = f"The function exceeded its limit of {SECONDS:g} s of processor time."
            raise FunctionError(
                "FunctionThrottledError" if is_late else "FunctionExecutionError",
                reason,
                self._logged(),
            ) from error

    def _finished(self, code: str, event: str) -> Run:
        parsed = self._handler_of if code == self._code else self._parsed(code)
        self._begin(parsed(), event)
        while True:
            self._run_jobs()
            seen = json.loads(self._look())
            if seen["state"] == "failed":
                raise FunctionError("FunctionExecutionError", seen["result"], seen["logs"])
            if seen["state"] == "done":
                used = time.thread_time() - self._started
                utilization = min(100, max(1, round(used * 1000 * 100)))
                return Run(seen["result"], seen["logs"], seen["origin"], utilization)
            if not seen["reads"]:
                reason = "The function did not complete: it awaits a promise that nothing resolves."
                raise FunctionError("FunctionExecutionError", reason, seen["logs"])
            values = self._store.values if self._store else {}
            self._give(json.dumps([values.get(key) for key in seen["reads"]]))

    def _parsed(self, code: str) -> Any:
        """Return a function that runs the code and returns its handler."""
        found = "typeof handler === 'function' ? handler : undefined"
        return self._context.eval(f'(function () {{"use strict"; {code}\nreturn {found};}})')

    def _run_jobs(self) -> None:
        """Run the jobs of promises. Each is limited by the engine, all of them here."""
        for _ in range(_STEPS):
            if not self._context.execute_pending_job():
                return
            if time.thread_time() - self._started > SECONDS:
                break
        reason = f"The function exceeded its limit of {SECONDS:g} s of processor time."
        raise FunctionError("FunctionThrottledError", reason, self._logged())

    def _logged(self) -> list[str]:
        """Return the logs of a run that failed; none if its memory is exhausted."""
        try:
            found: list[str] = json.loads(self._logs())
        except quickjs.JSException:
            return []
        return found


def _prepared(code: bytes) -> str:
    for node, name, module in reversed(syntax.imports(syntax.parse(code))):
        constant = f"const {name} = __import('{module}');"
        lines = "\n" * (node.end_point.row - node.start_point.row)
        code = code[: node.start_byte] + constant.encode() + lines.encode() + code[node.end_byte :]
    return code.decode()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


@cache
def _source() -> str:
    """Return the expression of a function that prepares a context."""
    folder = Path(__file__).parent / "javascript"
    body = "".join((folder / f"{name}.js").read_text() for name in _FILES)
    return f'(function () {{"use strict";\n{body}}})'
