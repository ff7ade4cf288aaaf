"""Invocation failures outside the handler, with AWS's error types, messages and log lines."""

import json
import signal
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import ClassVar, override

# Go's names of the signals, which AWS's messages contain.
SIGNAL_NAMES = {
    signal.SIGHUP: "hangup",
    signal.SIGINT: "interrupt",
    signal.SIGQUIT: "quit",
    signal.SIGILL: "illegal instruction",
    signal.SIGTRAP: "trace/breakpoint trap",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGKILL: "killed",
    signal.SIGUSR1: "user defined signal 1",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGUSR2: "user defined signal 2",
    signal.SIGPIPE: "broken pipe",
    signal.SIGALRM: "alarm clock",
    signal.SIGTERM: "terminated",
}


def error_payload(error_type: str, message: str) -> bytes:
    """Return the body of an error response by the platform."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def response_too_large(limit: int) -> bytes:
    """Return the body that replaces a response above the limit (bytes)."""
    return error_payload(
        "Function.ResponseSizeTooLarge",
        f"Response payload size exceeded maximum allowed payload size ({limit} bytes).",
    )


class RuntimeFailure(Exception, ABC):  # noqa: N818
    """A runtime returned no response; its process is dead or must be replaced."""

    status: ClassVar[str] = "error"
    """The ``Status`` in the REPORT line."""

    @property
    @abstractmethod
    def error_type(self) -> str:
        """AWS's name for the failure."""

    @abstractmethod
    def message(self, request_id: str) -> str:
        """Return AWS's message for the failure."""

    def payload(self, request_id: str) -> bytes:
        """Return the body of the response."""
        return error_payload(self.error_type, self.message(request_id))

    def log_lines(self, request_id: str) -> list[str]:
        """Return the lines that the platform writes to the function's log before END."""
        return [self.message(request_id), self.error_type]


class TimedOut(RuntimeFailure):
    """The function's timeout is exceeded, or the init phase's while the runtime starts."""

    status = "timeout"
    error_type = "Sandbox.Timedout"

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    @override
    def message(self, request_id: str) -> str:
        return f"RequestId: {request_id} Error: Task timed out after {self.seconds:.2f} seconds"

    @override
    def log_lines(self, request_id: str) -> list[str]:
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        return [f"{moment}Z {request_id} Task timed out after {self.seconds:.2f} seconds", ""]


class Exited(RuntimeFailure):
    """The runtime process ended: ``os._exit``, ``sys.exit``, a signal."""

    error_type = "Runtime.ExitError"

    def __init__(self, wait_status: int) -> None:
        super().__init__(wait_status)
        self.wait_status = wait_status

    @override
    def message(self, request_id: str) -> str:
        return f"RequestId: {request_id} Error: {self._reason()}"

    def _reason(self) -> str:
        number = self.wait_status & 0x7F
        if number:
            return f"Runtime exited with error: signal: {SIGNAL_NAMES.get(number, number)}"  # type: ignore[call-overload]
        code = self.wait_status >> 8
        if code:
            return f"Runtime exited with error: exit status {code}"
        return "Runtime exited without providing a reason"


class OutOfMemory(Exited):
    """The function's processes together exceeded its MemorySize and were killed."""

    def __init__(self) -> None:
        super().__init__(signal.SIGKILL)


class InitFailed(RuntimeFailure):
    """The runtime failed to load the function and reported the error."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._error = json.loads(body)

    @property
    def error_type(self) -> str:
        """The error type that the runtime reported."""
        return str(self._error.get("errorType", "Runtime.Unknown"))

    @override
    def message(self, request_id: str) -> str:
        return str(self._error.get("errorMessage", ""))

    @override
    def payload(self, request_id: str) -> bytes:
        return json.dumps({**self._error, "requestId": request_id}).encode()

    @override
    def log_lines(self, request_id: str) -> list[str]:
        return []  # the runtime writes the error to the log


class Unsupported(RuntimeFailure):
    """The function needs a runtime that plain processes can't provide."""

    error_type = "Runtime.Unsupported"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @override
    def message(self, request_id: str) -> str:
        return self.reason
