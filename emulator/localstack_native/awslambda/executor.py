"""LocalStack's Lambda executor interface, implemented with plain processes."""

import logging
import os
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

from localstack_native.awslambda import report
from localstack_native.awslambda.code_cache import CodeCache, copy_tree
from localstack_native.awslambda.debugger import (
    MEMORY_MIB,
    STRETCHED_SECONDS,
    Debugger,
    debug_folder,
    debuggers,
)
from localstack_native.awslambda.environment import Roots, runtime_variables
from localstack_native.awslambda.failures import RuntimeFailure, TimedOut, Unsupported
from localstack_native.awslambda.interpreter import (
    Interpreter,
    InterpreterError,
    lambda_interpreter,
)
from localstack_native.awslambda.log import FunctionLog
from localstack_native.awslambda.other_versions import PYTHON, STRICT, interpreter_of, is_strict
from localstack_native.awslambda.other_versions import VARIABLE as RUNTIMES
from localstack_native.awslambda.runtime_api import Event, InvocationResponse
from localstack_native.awslambda.runtime_process import LaunchSpec, Limits, RuntimeProcess

LOG = logging.getLogger(__name__)

INIT_SECONDS = 10.0
"""AWS's limit for the init phase; a longer one is repeated within the invocation's time."""


class ProcessExecutor(RuntimeExecutor):
    """One execution environment: a folder with a ``/tmp`` and a log, and one runtime at a time.

    LocalStack creates one for each concurrent invocation of a version, reuses it for later
    invocations and stops it when it has been idle for a while. Its life cycle:

    * ``start`` runs the init phase. If the function fails there, the environment has started
      nevertheless, as on AWS: the first invocation reports the failure, with its logs. With
      provisioned concurrency, the start itself fails.
    * ``invoke`` passes the event to the runtime and returns when the runtime has finished. A
      timeout, a lack of memory or a crash ends one invocation: the next one starts a fresh process
      in the same folder, within its own time.
    * ``stop`` ends the environment. A running invocation finishes first, as on AWS when code is
      updated or a function is deleted.
    """

    _code_cache: ClassVar[CodeCache] = CodeCache()
    _prepared: ClassVar[dict[tuple[str, str], Roots]] = {}
    _warned: ClassVar[dict[tuple[str, str], str]] = {}
    """The environment of each revision that logs the warning about another Python version."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002
        super().__init__(id=id, function_version=function_version)
        self._folder = Path(config.dirs.tmp) / "lambda-environments" / id
        self._variables: dict[str, str] = {}
        self._roots: Roots | None = None
        self._interpreter: Interpreter | None = None
        self._log: FunctionLog | None = None
        self._runtime: RuntimeProcess | None = None
        self._debugger: Debugger | None = None
        """The function's debugger, while this environment's runtime has it."""
        self._init_failure: RuntimeFailure | None = None
        self._init_seconds: float | None = None
        self._early_log = ""
        self._lock = threading.Lock()
        self._is_working = False
        self._is_stopping = False

    # --- called by LocalStack

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack code and layers before the first invocation."""
        try:
            interpreter_for(function_version)
        except Unsupported:
            return  # each invocation reports it
        roots = cls._code_cache.acquire(function_version, trees_folder())
        cls._prepared[revision(function_version)] = roots

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Release code and layers."""
        cls._warned.pop(revision(function_version), None)
        if roots := cls._prepared.pop(revision(function_version), None):
            cls._code_cache.release(roots)

    def start(self, env_vars: dict[str, str]) -> None:
        """Run the init phase."""
        self._variables = env_vars
        (self._folder / "tmp").mkdir(parents=True, mode=0o700)
        self._log = FunctionLog(self._folder / "log")
        with self._working():
            self._initialize()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Return the result of one event, which the runtime handles."""
        with self._working():
            return self._invoke(payload)

    def stop(self) -> None:
        """End the environment, immediately or after the running invocation."""
        with self._lock:
            self._is_stopping = True
            is_working = self._is_working
        if not is_working or events.infra_stopping.is_set():
            self._close()

    def get_address(self) -> str:
        """Return the address that the runtime runs at."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Return the host at which the function reaches LocalStack.

        It is an address because boto3 then uses path-style URLs for buckets.
        """
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Return an empty string: only LocalStack's own init program uses this endpoint."""
        return ""

    def get_logs(self) -> str:
        """Return the log lines that no invocation has reported yet."""
        return self._early_log

    # --- implementation

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Delay a stop until the work is done."""
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
            interpreter, warning = interpreter_for(self.function_version)
            self._early_log = report.init_start(interpreter.version)
            key = revision(self.function_version)
            if warning and self._warned.setdefault(key, self.id) == self.id:
                self._early_log += f"[WARNING] {warning}\n"
            self._start_runtime(began + INIT_SECONDS, INIT_SECONDS)
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

    def _start_runtime(self, deadline: float, allowed: float) -> RuntimeProcess:
        """Start a runtime; return it when it is ready."""
        self._interpreter, _ = interpreter_for(self.function_version)
        if self._roots is None:
            self._roots = self._code_cache.acquire(self.function_version, trees_folder())
        debugger = debuggers().get(self.function_version.id.function_name)
        if debugger and not self._interpreter.has_debugger:
            LOG.warning("No debugger: %s can't import debugpy", self._interpreter.path)
        elif debugger and debugger.acquire():
            self._debugger = debugger
        limits = Limits(
            memory_mib=self.function_version.config.memory_size
            + (MEMORY_MIB if self._debugger else 0),
            response_bytes=config.LAMBDA_LIMITS_MAX_FUNCTION_PAYLOAD_SIZE_BYTES,
            is_suspended=self._is_debugged,
        )
        self._runtime = RuntimeProcess(self._launch_spec, limits)
        self._runtime.wait_until_ready(deadline, allowed)
        return self._runtime

    def _launch_spec(self, runtime_api: str) -> LaunchSpec:
        """Return the launch specification for the address of a Runtime API."""
        assert self._roots is not None
        assert self._log is not None
        assert self._interpreter is not None
        interpreter = self._interpreter
        configuration = self.function_version.config
        handler = configuration.handler or ""
        argv = [interpreter.path, "-m", "awslambdaric", handler]
        roots = self._roots
        if self._debugger:
            argv = self._debugger.command(interpreter.path, handler)
            folder = debug_folder(Path(config.dirs.tmp)) / self.function_version.id.function_name
            roots = Roots(task=copy_tree(roots.task, folder), opt=roots.opt)
        trees = [str(roots.task), str(roots.opt)]
        is_hot_reloading = configuration.code is not None and configuration.code.is_hot_reloading()
        return LaunchSpec(
            argv=argv,
            env=runtime_variables(
                self._variables,
                configuration.environment or {},
                roots=roots,
                runtime=configuration.runtime or interpreter.runtime,
                interpreter=interpreter,
                runtime_api=runtime_api,
            ),
            cwd=str(roots.task),
            log=str(self._log.path),
            folder=str(self._folder),
            tmp=str(self._folder / "tmp"),
            visible=[os.path.dirname(interpreter.path), *interpreter.prefixes],
            read_only=trees,
            cached=[] if is_hot_reloading else trees,
        )

    def _invoke(self, payload: dict[str, str]) -> InvocationResult:
        assert self._log is not None
        request_id = payload["invoke-id"]
        timeout = self.function_version.config.timeout
        began = time.monotonic()
        early_log, self._early_log = self._early_log + self._log.take(), ""
        init_seconds, self._init_seconds = self._init_seconds, None
        failure, self._init_failure = self._init_failure, None
        runtime = self._runtime
        try:
            if failure:
                # This invocation consists of the init phase alone.
                began -= init_seconds or 0
                init_seconds = None
                raise failure
            if runtime is None or runtime.has_ended:
                self._end_runtime(keep_folder=True)
                runtime = self._start_runtime(began + timeout, timeout)
            event = Event(
                request_id=request_id,
                payload=payload["payload"].encode(),
                function_arn=payload["invoked-function-arn"],
                trace_id=payload["trace-id"],
                deadline=time.time()
                + (STRETCHED_SECONDS if self._is_debugged() else timeout)
                - (time.monotonic() - began),
            )
            response = runtime.invoke(event, began + timeout, timeout)
            seconds = time.monotonic() - began
        except RuntimeFailure as caught:
            failure = caught
            seconds = timeout if isinstance(caught, TimedOut) else time.monotonic() - began
            response = InvocationResponse(caught.payload(request_id), is_error=True)
            runtime = self._end_runtime(keep_folder=True)
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
                peak_mib=runtime.memory.peak_mib if runtime else 0,
                status=failure.status if failure else None,
                error_type=failure.error_type if failure else None,
            ),
        ]
        return InvocationResult(request_id, response.payload, response.is_error, "".join(logs))

    def _end_runtime(self, *, keep_folder: bool) -> RuntimeProcess | None:
        """End the current runtime and return it; None if none runs."""
        runtime, self._runtime = self._runtime, None
        if runtime:
            runtime.end(keep_folder=keep_folder)
        if self._debugger:
            self._debugger.release()
            self._debugger = None
        return runtime

    def _is_debugged(self) -> bool:
        """Return whether a debugger is attached, which suspends timeouts."""
        return self._debugger is not None and self._debugger.is_attached()

    def _close(self) -> None:
        """End the runtime and remove the environment's files."""
        self._end_runtime(keep_folder=False)
        if self._log:
            self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        roots, self._roots = self._roots, None
        if roots:
            self._code_cache.release(roots)


def revision(version: FunctionVersion) -> tuple[str, str]:
    """Return a key that differs between versions, and after an update of one."""
    return version.qualified_arn, version.config.internal_revision


def trees_folder() -> Path:
    """Return the folder for unpacked code and layers."""
    return Path(config.dirs.tmp) / "lambda-code"


def interpreter_for(version: FunctionVersion) -> tuple[Interpreter, str | None]:
    """Return the interpreter of a version, and a warning if it is of another Python version.

    Raises Unsupported if plain processes can't run the version.
    """
    name, runtime = version.id.function_name, version.config.runtime or "a container image"
    if not PYTHON.fullmatch(runtime):
        raise Unsupported(
            f"The function {name} needs {runtime}, but LAMBDA_RUNTIME_EXECUTOR=process runs Python"
            " functions only. Use LAMBDA_RUNTIME_EXECUTOR=docker for other runtimes."
        )
    try:
        return interpreter_of(runtime), None
    except InterpreterError as error:
        other = lambda_interpreter()
        if is_strict():
            raise Unsupported(
                f"The function {name} needs {runtime}: {error}. Without {RUNTIMES}={STRICT}, it"
                f" would run on {other.runtime}."
            ) from error
        return other, (
            f"The function {name} needs {runtime}, but runs on {other.runtime}: {error}."
            f" {RUNTIMES}={STRICT} makes this an error."
        )
