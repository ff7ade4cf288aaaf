"""Execution environments: their /tmp, their number, their end."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from .functions import Function, Functions, archive
from .localstack import LocalStack
from .queue_function import InvocationRecorder
from .waiting import wait_for

LIMIT = 20
TMP = """
import os
from urllib.request import urlopen
def handler(event, context):
    before = sorted(name for name in os.listdir("/tmp") if name.endswith(".txt"))
    with open(f"/tmp/{event['name']}.txt", "w") as file: file.write("text")
    if event.get("die"): os._exit(1)
    if "recorder" in event: urlopen(event["recorder"], b"{}").read()
    return before
"""
HELD = """
import os
from urllib.request import urlopen
def handler(event, context):
    urlopen(event["recorder"], b"{}").read()
    return os.getpid()
"""
"""A function whose invocations last until a recorder lets them go on."""


def invoke_at_once(
    function: Function, recorder: InvocationRecorder, events: list[dict[str, Any]], running: int
) -> list[Any]:
    """Return the payloads, or the error codes, of concurrent invocations.

    So many of them run at the same time, and the others are refused meanwhile.
    """
    recorder.may_continue.clear()

    def invoke(event: dict[str, Any]) -> Any:
        try:
            return function.invoke({**event, "recorder": recorder.url}).payload
        except function.client.exceptions.TooManyRequestsException as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"]

    with ThreadPoolExecutor(len(events)) as pool:
        responses = [pool.submit(invoke, event) for event in events]
        wait_for(lambda: len(recorder.records) == running)
        wait_for(lambda: sum(response.done() for response in responses) == len(events) - running)
        recorder.may_continue.set()
        return [response.result() for response in responses]


def environment_folders(localstack: LocalStack) -> set[str]:
    """Return the names of environments that exist on disk."""
    return {folder.name for folder in localstack.root.glob("files/tmp/localstack/*-environments/*")}


def test_tmp_survives_between_invocations(functions: Functions) -> None:
    """Files in /tmp remain for the next invocation, even if the process was replaced."""
    function = functions.make(TMP)
    assert function.invoke({"name": "a"}).payload == []
    assert function.invoke({"name": "b", "die": True}).error == "Unhandled"
    assert function.invoke({"name": "c"}).payload == ["a.txt", "b.txt"]


def test_tmp_is_private(functions: Functions, recorder: InvocationRecorder) -> None:
    """Environments can't read each other's /tmp, of one function or of two."""
    one, two = functions.make(TMP, Timeout=900), functions.make(TMP)
    events = [{"name": str(number)} for number in range(2)]
    assert invoke_at_once(one, recorder, events, running=2) == [[], []]
    assert two.invoke({"name": "x"}).payload == []


def test_tempfile_and_home_are_in_tmp(functions: Functions) -> None:
    """Python's temporary files, and the home folder, are in the environment's own /tmp."""
    function = functions.make(
        """
        import os, tempfile
        def handler(event, context):
            return [tempfile.gettempdir(), os.path.expanduser("~"), os.environ.get("TMPDIR")]
        """
    )
    assert function.invoke().payload == ["/tmp", "/tmp", None]


def test_emptying_tmp_keeps_the_code(functions: Functions) -> None:
    """A function that empties its /tmp does not delete its code, although LocalStack stores it
    below the system's /tmp.
    """
    function = functions.make(
        files={
            "app.py": """
                import os, shutil
                def handler(event, context):
                    for entry in os.scandir("/tmp"):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    import later
                    return [os.path.dirname(__file__).startswith("/tmp/"), later.n]
            """,
            "later.py": "n = 1",
        }
    )
    assert function.invoke().payload == [True, 1]


WRITES = """
import errno, os, pathlib

def handler(event, context):
    task = pathlib.Path(os.environ["LAMBDA_TASK_ROOT"])
    layer = pathlib.Path(os.environ["PYTHONPATH"].split(":")[2])
    return [
        attempt(action)
        for root in (task, layer)
        for module in root.glob("*.py")
        for action in (
            lambda: module.write_text("spoiled = True"),
            lambda: module.open("a").write("spoiled = True"),
            lambda: module.unlink(),
            lambda: (root / "new.py").write_text("spoiled = True"),
            lambda: (root / "new").mkdir(),
            lambda: root.chmod(0o777),
        )
    ]

def attempt(action):
    try:
        return repr(action())
    except OSError as error:
        return errno.errorcode[error.errno]
"""


def test_code_and_layers_are_read_only(functions: Functions) -> None:
    """No write, deletion or change of mode in the folders of code and layers succeeds: the error
    is EROFS, as on AWS.
    """
    layer = functions.layer({"python/shared.py": "n = 1"})
    function = functions.make(WRITES, Layers=[layer])
    assert function.invoke().payload == ["EROFS"] * 12


def test_concurrent_invocations_have_processes_of_their_own(
    functions: Functions, recorder: InvocationRecorder
) -> None:
    """Concurrent invocations get a process each, at the same time."""
    function = functions.make(HELD, Timeout=900)
    assert len(set(invoke_at_once(function, recorder, [{}] * 4, running=4))) == 4


def test_invocations_above_the_limit_are_throttled(
    functions: Functions, recorder: InvocationRecorder
) -> None:
    """More invocations at once than the account's limit are refused with status 429."""
    function = functions.make(HELD, Timeout=900)
    responses = invoke_at_once(function, recorder, [{}] * (LIMIT + 3), running=LIMIT)
    assert responses.count(429) == 3


def test_reserved_concurrency(functions: Functions, recorder: InvocationRecorder) -> None:
    """A function's reserved concurrency limits it."""
    function = functions.make(HELD, Timeout=900)
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=1
    )
    assert invoke_at_once(function, recorder, [{}] * 2, running=1).count(429) == 1
    function.client.delete_function_concurrency(FunctionName=function.name)


def test_running_invocation_finishes_during_an_update(
    functions: Functions, recorder: InvocationRecorder
) -> None:
    """New code does not disturb an invocation of the old, which can import the rest of itself."""
    function = functions.make(
        files={
            "app.py": """
                from urllib.request import urlopen
                def handler(event, context):
                    urlopen(event, b"{}").read()
                    import later
                    return later.n
            """,
            "later.py": "n = 1",
        },
        Timeout=900,
    )
    recorder.may_continue.clear()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, recorder.url)
        wait_for(lambda: recorder.records)
        function.client.update_function_code(
            FunctionName=function.name,
            ZipFile=archive({"app.py": "def handler(event, context): return 2"}),
        )
        function.wait_until_updated()
        assert function.invoke().payload == 2
        assert not running.done()
        recorder.may_continue.set()
        assert running.result().payload == 1


def test_a_deleted_function_leaves_nothing(emulator: LocalStack, functions: Functions) -> None:
    """A deleted function leaves neither processes nor files."""
    before = environment_folders(emulator)
    function = functions.make("import os\ndef handler(event, context): return os.getpid()")
    process = psutil.Process(function.invoke().payload)
    assert environment_folders(emulator) - before
    function.client.delete_function(FunctionName=function.name)
    wait_for(lambda: not process.is_running())
    wait_for(lambda: not environment_folders(emulator) - before)


@pytest.mark.parametrize("word", ["print", "log"])
def test_large_logs_do_not_block_a_function(functions: Functions, word: str) -> None:
    """Megabytes of logs don't block a function."""
    function = functions.make(
        f"""
        import logging
        log = logging.getLogger().warning
        def handler(event, context):
            for _ in range(300): {word}("x" * 10_000)
            return "fine"
        """
    )
    for _ in range(2):
        assert function.invoke().payload == "fine"
