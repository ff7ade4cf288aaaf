"""A debugger attached to a function, by the Debug Adapter Protocol."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.speed import LIMIT

from .debug_client import DebugClient
from .functions import Functions, archive
from .localstack import PROJECT, LocalStack, free_port
from .queue_function import InvocationRecorder
from .waiting import wait_for

CODE = """\
def handler(event, context):
    answer = event["number"] * 2
    return [answer, context.get_remaining_time_in_millis()]
"""
TIMEOUT = 2
PYTHON = PROJECT / ".functions-debug" / "bin" / "python"


@pytest.fixture(scope="module")
def port() -> int:
    """Return the port of the first function's debugger."""
    return free_port()


@pytest.fixture(scope="module")
def localstack(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[LocalStack]:
    """Yield a LocalStack whose first function of each kind can be debugged."""
    root = tmp_path_factory.mktemp("localstack")
    settings = {
        "EMULATOR_LAMBDA_PYTHON": str(PYTHON),
        "EMULATOR_LAMBDA_DEBUG": f"f0={port},g0={free_port()}",
        "EMULATOR_LAMBDA_DEBUG_FOLDER": str(root / "debug"),
    }
    with LocalStack(root, **settings) as localstack:
        localstack.wait_until_healthy()
        yield localstack


def test_a_breakpoint_outlasts_the_timeout(
    localstack: LocalStack, port: int, tmp_path: Path
) -> None:
    """With a debugger attached, the function can pause at any line for any time, also in updated
    code. Without one, the timeout is enforced.
    """
    function = Functions(localstack).make(CODE, Timeout=TIMEOUT, MemorySize=128)
    assert function.invoke({"number": 1}).payload[0] == 2
    (tmp_path / "app.py").write_text(CODE)

    def pause_and_continue(line: int) -> list[int]:
        with (
            DebugClient(port) as client,
            ThreadPoolExecutor(1) as pool,
        ):
            client.attach(local=tmp_path, remote=localstack.root / "debug" / "f0")
            assert client.break_at(tmp_path / "app.py", line)["verified"]
            response = pool.submit(function.invoke, {"number": 21})
            stopped = client.event("stopped")
            assert stopped["reason"] == "breakpoint"
            (frame, *_) = client.request("stackTrace", threadId=stopped["threadId"])["stackFrames"]
            assert frame["source"]["path"] == str(tmp_path / "app.py")
            since = time.monotonic()
            wait_for(lambda: time.monotonic() > since + 1.5 * TIMEOUT)
            found = client.request("evaluate", expression="answer", frameId=frame["id"])
            assert found["result"] == "42"
            client.request("continue", threadId=stopped["threadId"])
            result = response.result(LIMIT)
        assert result.error is None, result.log
        return list(result.payload)

    response, left = pause_and_continue(3)
    assert response == 42
    assert left > TIMEOUT * 1000

    changed = "import time\n" + CODE + "\n\ndef sleep(event, context):\n    time.sleep(60)\n"
    (tmp_path / "app.py").write_text(changed)
    function.client.update_function_code(
        FunctionName=function.name, ZipFile=archive({"app.py": changed})
    )
    function.wait_until_updated()
    assert function.invoke({"number": 1}).payload[0] == 2
    assert pause_and_continue(4)[0] == 42

    function.client.update_function_configuration(FunctionName=function.name, Handler="app.sleep")
    function.wait_until_updated()
    assert "Task timed out" in str(function.invoke().payload)


def test_one_environment_at_a_time(localstack: LocalStack, recorder: InvocationRecorder) -> None:
    """Invocations of a debugged function wait for each other, to reach the breakpoints; other
    functions have no debugger, and several environments.
    """
    code = """
    import os, sys
    from urllib.request import urlopen
    def handler(event, context):
        if event: urlopen(event, b"{}").read()
        return ["debugpy" in sys.modules, os.getpid()]
    """
    functions = Functions(localstack, "g")
    debugged, other = functions.make(code), functions.make(code, Timeout=900)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: debugged.invoke().payload, range(2))
        assert first == second
        assert first[0] is True
        recorder.may_continue.clear()
        invoked = [pool.submit(other.invoke, recorder.url) for _ in range(2)]
        wait_for(lambda: len(recorder.records) == 2)
        recorder.may_continue.set()
        first, second = (each.result().payload for each in invoked)
        assert first[1] != second[1]
        assert first[0] is second[0] is False


def test_an_interpreter_without_debugpy_ends_the_start(own_root: Path) -> None:
    """The error names the interpreter."""
    with LocalStack(own_root, EMULATOR_LAMBDA_DEBUG="f0=5678") as localstack:
        assert localstack.process.wait(LIMIT) != 0
        assert "can't import debugpy" in localstack.log_text()


def test_an_invalid_setting_ends_the_start(own_root: Path) -> None:
    """The error quotes what is not name=port."""
    settings = {"EMULATOR_LAMBDA_PYTHON": str(PYTHON), "EMULATOR_LAMBDA_DEBUG": "f0"}
    with LocalStack(own_root, **settings) as localstack:
        assert localstack.process.wait(LIMIT) != 0
        assert "invalid part 'f0'" in localstack.log_text()
