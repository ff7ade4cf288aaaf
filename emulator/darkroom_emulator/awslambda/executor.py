"""LocalStack's executor interface over plain processes."""

import logging
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from localstack import config
from localstack.runtime import events
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InitializationType,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from darkroom_emulator.awslambda import report
from darkroom_emulator.awslambda.debugger import (
    MEMORY_MIB,
    STRETCHED_SECONDS,
    Debugger,
    debug_folder,
    debuggers,
)
from darkroom_emulator.awslambda.environment import Roots, runtime_variables
from darkroom_emulator.awslambda.failures import RuntimeFailure, TimedOut, Unsupported
from darkroom_emulator.awslambda.incarnation import Incarnation, Limits, Order
from darkroom_emulator.awslambda.interpreter import InterpreterError, lambda_interpreter
from darkroom_emulator.awslambda.log import FunctionLog
from darkroom_emulator.awslambda.runtime_api import Answer, Event
from darkroom_emulator.awslambda.unpacked import Unpacked, copy_tree

LOG = logging.getLogger(__name__)

INIT_SECONDS = 10.0
"""AWS's limit for the init phase; what takes longer is repeated within the invocation's time."""


class ProcessExecutor(RuntimeExecutor):
    """One execution environment: a folder with a ``/tmp`` and a log, and one runtime at a time.

    LocalStack makes one for each concurrent invocation of a version, reuses it for later ones and
    stops it after a time of idleness. Its life:

    * ``start`` is the init phase. A function that fails there has started nonetheless, as on AWS:
      the first invocation reports the failure, with its logs. (Provisioned concurrency is the
      exception; there the start itself has failed.)
    * ``invoke`` passes the event to the runtime, and answers when the runtime has finished.
      Whatever ends the runtime (timeout, memory, crash) ends that one invocation alone: the next
      one begins with a fresh process in the same folder, and its own time pays for the start.
    * ``stop`` ends the environment; an invocation that is under way may finish first, because AWS
      lets it when code is updated or a function deleted.
    """

    _unpacked: ClassVar[Unpacked] = Unpacked()
    _prepared: ClassVar[dict[tuple[str, str], Roots]] = {}

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002
        super().__init__(id=id, function_version=function_version)
        self._folder = Path(config.dirs.tmp) / "lambda-environments" / id
        self._variables: dict[str, str] = {}
        self._roots: Roots | None = None
        self._log: FunctionLog | None = None
        self._incarnation: Incarnation | None = None
        self._debugger: Debugger | None = None
        """The function's debugger, while this environment's runtime has it."""
        self._init_failure: RuntimeFailure | None = None
        self._init_seconds: float | None = None
        self._early_log = ""
        self._lock = threading.Lock()
        self._is_working = False
        self._is_stopping = False

    # --- what LocalStack calls

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack code and layers ahead of the first invocation."""
        if why_unsupported(function_version) is None:
            roots = cls._unpacked.acquire(function_version, trees_folder())
            cls._prepared[revision(function_version)] = roots

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Give code and layers up."""
        if roots := cls._prepared.pop(revision(function_version), None):
            cls._unpacked.release(roots)

    def start(self, env_vars: dict[str, str]) -> None:
        """Go through the init phase."""
        self._variables = env_vars
        (self._folder / "tmp").mkdir(parents=True, mode=0o700)
        self._log = FunctionLog(self._folder / "log")
        with self._working():
            self._initialize()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Let the runtime handle one event."""
        with self._working():
            return self._invoke(payload)

    def stop(self) -> None:
        """End the environment, at once or after the invocation that is under way."""
        with self._lock:
            self._is_stopping = True
            is_working = self._is_working
        if not is_working or events.infra_stopping.is_set():
            self._close()

    def get_address(self) -> str:
        """Return where the runtime runs."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Return the host by which the function reaches LocalStack.

        An address and not a name: boto3 then leaves bucket names out of the host.
        """
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Return nothing: this is for LocalStack's own init program, which has no part in this."""
        return ""

    def get_logs(self) -> str:
        """Return what has not been reported by an invocation."""
        return self._early_log

    # --- how it is done

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Put a stop off until the work is done."""
        with self._lock:
            self._is_working = True
        try:
            yield
        finally:
            with self._lock:
                self._is_working = False
                must_close = self._is_stopping
            if must_close:
                self._close()

    def _initialize(self) -> None:
        assert self._log is not None
        began = time.monotonic()
        try:
            if reason := why_unsupported(self.function_version):
                raise Unsupported(reason)
            self._roots = self._unpacked.acquire(self.function_version, trees_folder())
            self._early_log = report.init_start(lambda_interpreter().version)
            self._boot(began + INIT_SECONDS, INIT_SECONDS)
        except TimedOut as failure:
            self._end_runtime(keep_folder=True)
            self._early_log += self._log.take()
            self._early_log += report.init_report(INIT_SECONDS, failure.status)
        except RuntimeFailure as failure:
            self._end_runtime(keep_folder=True)
            self._init_failure = failure
            if self._variables.get("AWS_LAMBDA_INITIALIZATION_TYPE") == (
                InitializationType.provisioned_concurrency
            ):
                raise StatusErrorException("Init failed", failure.payload("")) from failure
        self._init_seconds = time.monotonic() - began
        self._early_log += self._log.take()

    def _boot(self, deadline: float, allowed: float) -> Incarnation:
        """Start a runtime and return it when it is ready."""
        debugger = debuggers().get(self.function_version.id.function_name)
        if debugger and debugger.acquire():
            self._debugger = debugger
        limits = Limits(
            memory_mib=self.function_version.config.memory_size
            + (MEMORY_MIB if self._debugger else 0),
            response_bytes=config.LAMBDA_LIMITS_MAX_FUNCTION_PAYLOAD_SIZE_BYTES,
            is_suspended=self._is_debugged,
        )
        self._incarnation = Incarnation(self._order, limits)
        self._incarnation.wait_until_ready(deadline, allowed)
        return self._incarnation

    def _order(self, runtime_api: str) -> Order:
        """Return what the supervisor is to run, given the address of its Runtime API."""
        assert self._roots is not None
        assert self._log is not None
        interpreter = lambda_interpreter()
        configuration = self.function_version.config
        handler = configuration.handler or ""
        argv = [interpreter.path, "-m", "awslambdaric", handler]
        roots = self._roots
        if self._debugger:
            argv = self._debugger.command(interpreter.path, handler)
            place = debug_folder(Path(config.dirs.tmp)) / self.function_version.id.function_name
            roots = Roots(task=copy_tree(roots.task, place), opt=roots.opt)
        return Order(
            argv=argv,
            env=runtime_variables(
                self._variables,
                configuration.environment or {},
                roots=roots,
                interpreter=interpreter,
                runtime_api=runtime_api,
            ),
            cwd=str(roots.task),
            log=str(self._log.path),
            folder=str(self._folder),
            tmp=str(self._folder / "tmp"),
            visible=[str(roots.task), str(roots.opt), *interpreter.prefixes],
        )

    def _invoke(self, payload: dict[str, str]) -> InvocationResult:
        assert self._log is not None
        request_id = payload["invoke-id"]
        timeout = self.function_version.config.timeout
        began = time.monotonic()
        early_log, self._early_log = self._early_log + self._log.take(), ""
        init_seconds, self._init_seconds = self._init_seconds, None
        failure, self._init_failure = self._init_failure, None
        incarnation = self._incarnation
        try:
            if failure:
                # The init phase is all that this invocation consists of.
                began -= init_seconds or 0
                init_seconds = None
                raise failure
            if incarnation is None or incarnation.has_ended:
                self._end_runtime(keep_folder=True)
                incarnation = self._boot(began + timeout, timeout)
            event = Event(
                request_id=request_id,
                payload=payload["payload"].encode(),
                function_arn=payload["invoked-function-arn"],
                trace_id=payload["trace-id"],
                deadline=time.time()
                + (STRETCHED_SECONDS if self._is_debugged() else timeout)
                - (time.monotonic() - began),
            )
            answer = incarnation.invoke(event, began + timeout, timeout)
            seconds = time.monotonic() - began
        except RuntimeFailure as caught:
            failure = caught
            seconds = timeout if isinstance(caught, TimedOut) else time.monotonic() - began
            answer = Answer(caught.payload(request_id), is_error=True)
            incarnation = self._end_runtime(keep_folder=True)
        logs = [
            early_log,
            report.start(request_id, self.function_version.id.qualifier),
            self._log.take(),
            *(f"{line}\n" for line in (failure.log_lines(request_id) if failure else ())),
            report.end(request_id),
            report.report(
                request_id,
                seconds=seconds,
                init_seconds=init_seconds,
                memory_mib=self.function_version.config.memory_size,
                peak_mib=incarnation.memory.peak_mib if incarnation else 0,
                status=failure.status if failure else None,
                error_type=failure.error_type if failure else None,
            ),
        ]
        return InvocationResult(request_id, answer.payload, answer.is_error, "".join(logs))

    def _end_runtime(self, *, keep_folder: bool) -> Incarnation | None:
        """End the present runtime, if there is one, and return it."""
        incarnation, self._incarnation = self._incarnation, None
        if incarnation:
            incarnation.end(keep_folder=keep_folder)
        if self._debugger:
            self._debugger.release()
            self._debugger = None
        return incarnation

    def _is_debugged(self) -> bool:
        """Say whether somebody debugs the runtime, so that its clock stands still."""
        return self._debugger is not None and self._debugger.is_attached()

    def _close(self) -> None:
        """End everything and remove what the environment has on disk."""
        self._end_runtime(keep_folder=False)
        if self._log:
            self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        roots, self._roots = self._roots, None
        if roots:
            self._unpacked.release(roots)


def revision(version: FunctionVersion) -> tuple[str, str]:
    """Return what tells a version from others, and from itself after an update."""
    return version.qualified_arn, version.config.internal_revision


def trees_folder() -> Path:
    """Return the folder for unpacked code and layers."""
    return Path(config.dirs.tmp) / "lambda-code"


def why_unsupported(version: FunctionVersion) -> str | None:
    """Return why plain processes can't run a version, or None if they can."""
    try:
        supported = lambda_interpreter().runtime
    except InterpreterError as error:
        return str(error)
    wanted = version.config.runtime or "a container image"
    if wanted == supported:
        return None
    return (
        f"LAMBDA_RUNTIME_EXECUTOR=process runs {supported} functions only, and"
        f" {version.id.function_name} needs {wanted}."
        " LAMBDA_RUNTIME_EXECUTOR=docker runs the others."
    )
