"""Function failures: AWS's errors and logs, and automatic recovery."""

import re
import time
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from .functions import Functions, Result
from .waiting import wait_for

REQUEST_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FRAGILE = """
import os, signal, subprocess, sys, threading, time
def handler(event, context):
    match event:
        case "exit": os._exit(3)
        case "sys.exit": sys.exit(0)
        case "segfault": os.kill(os.getpid(), signal.SIGSEGV)
        case "kill": os.kill(os.getpid(), signal.SIGKILL)
        case "sleep": time.sleep(60)
        case "memory": return len(bytearray(200 << 20))
        case "memory of children":
            code = "import time; kept = bytearray(60 << 20); time.sleep(60)"
            for _ in range(3): subprocess.Popen([sys.executable, "-c", code])
            time.sleep(60)
        case "raise": raise ValueError("no")
        case "large": return "x" * ((6 << 20) + 99)
    return "fine"
"""


def check_failure(result: Result, error_type: str, message: str) -> None:
    """Check the shape of AWS's error."""
    assert result.error == "Unhandled"
    assert result.payload["errorType"] == error_type
    assert re.fullmatch(message, result.payload["errorMessage"]), result.payload


@pytest.mark.parametrize(
    ("event", "error_type", "message"),
    [
        ("exit", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        ("sys.exit", "Runtime.ExitError", "Runtime exited without providing a reason"),
        ("segfault", "Runtime.ExitError", "Runtime exited with error: signal: segmentation fault"),
        ("kill", "Runtime.ExitError", "Runtime exited with error: signal: killed"),
        ("memory", "Runtime.ExitError", "Runtime exited with error: signal: killed"),
        ("memory of children", "Runtime.ExitError", "Runtime exited with error: signal: killed"),
        ("sleep", "Sandbox.Timedout", r"Task timed out after 1\.00 seconds"),
    ],
)
def test_the_runtime_can_exit(
    functions: Functions, event: str, error_type: str, message: str
) -> None:
    """A runtime that exits without a response returns AWS's error and a complete log, and the next
    invocation runs in a new process.
    """
    function = functions.make(FRAGILE, Timeout=1, MemorySize=128)
    result = function.invoke(event)
    check_failure(result, error_type, f"RequestId: {REQUEST_ID} Error: {message}")
    assert message.replace("\\", "") in result.log
    status = "timeout" if event == "sleep" else "error"
    assert result.report()["Status"] == status
    again = function.invoke()
    assert (again.payload, again.error) == ("fine", None)
    assert "Init Duration" not in again.report()


def test_memory_is_reported(functions: Functions) -> None:
    """The REPORT line of a function killed for its memory shows all of it used."""
    report = functions.make(FRAGILE, MemorySize=128).invoke("memory").report()
    assert report["Max Memory Used"] == report["Memory Size"] == "128 MB"


def test_peak_of_memory_is_measured(functions: Functions) -> None:
    """Memory that is used briefly counts in Max Memory Used."""
    function = functions.make("def handler(event, context): return len(bytearray(100 << 20))")
    assert 110 <= int(function.invoke().report()["Max Memory Used"].removesuffix(" MB")) <= 160


def test_a_timeout_ends_the_invocation(functions: Functions) -> None:
    """A timeout ends the invocation in time, and is logged."""
    function = functions.make(FRAGILE, Timeout=1)
    function.invoke()
    began = time.monotonic()
    result = function.invoke("sleep")
    assert time.monotonic() - began >= 1.0
    assert result.report()["Duration"] == "1000.00 ms"
    assert re.search(
        rf"^\S+Z {REQUEST_ID} Task timed out after 1.00 seconds$", result.log, re.MULTILINE
    )


def test_timeout_kills_descendants(functions: Functions) -> None:
    """A timeout also kills the function's orphaned processes, in sessions of their own."""
    function = functions.make(
        """
        import os, subprocess, sys, time
        code = "sleep 99 & echo $!"
        def handler(event, context):
            subprocess.run(["sh", "-c", code], start_new_session=True)
            time.sleep(60)
        """,
        Timeout=1,
    )
    log = function.invoke().log
    found = re.search(r"^(\d+)$", log, re.MULTILINE)
    assert found, log
    assert not psutil.pid_exists(int(found[1]))


def test_a_handler_error_is_returned(functions: Functions) -> None:
    """An exception's response has its type, message, stack trace and request ID, and the process
    continues.
    """
    function = functions.make(FRAGILE)
    result = function.invoke("raise")
    check_failure(result, "ValueError", "no")
    assert re.fullmatch(REQUEST_ID, result.payload["requestId"])
    (frame,) = result.payload["stackTrace"]
    assert re.search(r'app\.py", line \d+, in handler\n.*raise ValueError\("no"\)', frame)
    assert "[ERROR] ValueError: no\nTraceback (most recent call last):\n" in result.log
    assert "Status" not in result.report()


@pytest.mark.parametrize(
    ("code", "handler", "error_type", "message"),
    [
        (
            "import nope",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nope'",
        ),
        (
            "",
            "other.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        (
            "",
            "app.missing",
            "Runtime.HandlerNotFound",
            "Handler 'missing' missing on module 'app'",
        ),
        (
            "def",
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            r"Syntax error in module 'app': invalid syntax \(app.py, line 1\)",
        ),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
        (
            "import os; os._exit(4)",
            "app.handler",
            "Runtime.ExitError",
            f"RequestId: {REQUEST_ID} Error: Runtime exited with error: exit status 4",
        ),
    ],
)
def test_an_init_failure_is_returned(
    functions: Functions, code: str, handler: str, error_type: str, message: str
) -> None:
    """A function that can't be loaded fails each time, with the reason in response and log."""
    function = functions.make(code, handler=handler)
    for _ in range(2):
        result = function.invoke()
        check_failure(result, error_type, message)
        assert error_type in result.log
        assert result.report()["Error Type"] == error_type


def test_a_failed_init_is_repeated(functions: Functions) -> None:
    """A function that failed to load is loaded again by the next invocation."""
    function = functions.make(
        """
        import os
        if not os.path.exists("/tmp/second"):
            open("/tmp/second", "w").close()
            raise RuntimeError("not yet")
        def handler(event, context): return "fine"
        """
    )
    check_failure(function.invoke(), "RuntimeError", "not yet")
    assert function.invoke().payload == "fine"


def test_slow_init_counts_against_the_timeout(functions: Functions) -> None:
    """A function that exceeds the init phase's limit is loaded again within its own
    timeout.
    """
    function = functions.make("import time; time.sleep(60)", Timeout=1)
    result = function.invoke()
    check_failure(result, "Sandbox.Timedout", r".*Task timed out after 1\.00 seconds")
    assert re.search("INIT_REPORT Init Duration: 1.* ms\tPhase: init\tStatus: timeout", result.log)


def test_other_runtimes_are_refused(functions: Functions) -> None:
    """A runtime other than Python is refused, at each invocation."""
    function = functions.make(runtime="nodejs22.x")
    for _ in range(2):
        result = function.invoke()
        message = r".*needs nodejs22\.x, .*runs Python functions only.*"
        check_failure(result, "Runtime.Unsupported", message)
        assert result.payload["errorMessage"] in result.log


def test_a_response_above_the_limit_is_an_error(functions: Functions) -> None:
    """A result above 6 MB is an error, and the function works afterwards."""
    function = functions.make(FRAGILE)
    check_failure(
        function.invoke("large"),
        "Function.ResponseSizeTooLarge",
        r"Response payload size exceeded maximum allowed payload size \(6291556 bytes\)\.",
    )
    assert function.invoke().payload == "fine"


def test_largest_response(functions: Functions) -> None:
    """A result of exactly 6 MB passes."""
    function = functions.make("def handler(event, context): return 'x' * ((6 << 20) - 2)")
    assert len(function.invoke().payload) == (6 << 20) - 2


@pytest.mark.parametrize(
    ("kind", "limit"), [("RequestResponse", 6 * 1024 * 1024), ("Event", 1024 * 1024)]
)
def test_a_request_above_the_limit_is_refused(functions: Functions, kind: str, limit: int) -> None:
    """A request of the maximum size runs; one more byte is refused before it runs."""
    function = functions.make("def handler(event, context): return len(event)")

    def invoke(size: int) -> Any:
        return function.client.invoke(
            FunctionName=function.name, InvocationType=kind, Payload=b'"%s"' % (b"x" * (size - 2))
        )

    assert "FunctionError" not in invoke(limit)
    with pytest.raises(ClientError, match="RequestEntityTooLargeException") as caught:
        invoke(limit + 1)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert f"smaller than {limit} bytes" in caught.value.response["Error"]["Message"]


def test_exit_between_invocations(functions: Functions) -> None:
    """A process that dies while idle is replaced without an error."""
    function = functions.make("import os\ndef handler(event, context): return os.getpid()")
    process = psutil.Process(function.invoke().payload)
    process.kill()
    wait_for(lambda: not process.is_running())
    result = function.invoke()
    assert result.error is None
    assert result.payload != process.pid


def test_exit_after_the_response(functions: Functions) -> None:
    """An invocation whose process exits right after the response succeeds, and so does the next."""
    function = functions.make(
        """
        import os, threading, time
        def die():
            time.sleep(0.05)
            os._exit(1)
        def handler(event, context):
            threading.Thread(target=die).start()
            return os.getpid()
        """
    )
    result = function.invoke()
    assert result.error is None
    wait_for(lambda: not psutil.pid_exists(result.payload))
    assert function.invoke().error is None


def test_init_failure_of_provisioned_concurrency(functions: Functions) -> None:
    """Provisioned concurrency of a function that can't be loaded fails, with the reason."""
    function = functions.make("import nope")
    version = function.client.publish_version(FunctionName=function.name)["Version"]
    where = {"FunctionName": function.name, "Qualifier": version}
    function.client.put_provisioned_concurrency_config(**where, ProvisionedConcurrentExecutions=1)

    def state() -> tuple[str, str | None]:
        response = function.client.get_provisioned_concurrency_config(**where)
        return response["Status"], response.get("StatusReason")

    wait_for(lambda: state() == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE"))
    function.client.delete_provisioned_concurrency_config(**where)
