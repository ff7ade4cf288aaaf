"""Execution environments: their /tmp, their number, their end."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from .functions import Function, Functions, archive
from .localstack import LocalStack
from .waiting import wait_for

LIMIT = 20
TMP = """
import os, time
def handler(event, context):
    before = sorted(name for name in os.listdir("/tmp") if name.endswith(".txt"))
    with open(f"/tmp/{event['name']}.txt", "w") as file: file.write("text")
    if event.get("die"): os._exit(1)
    time.sleep(event.get("sleep", 0))
    return before
"""


def invoke_at_once(function: Function, events: list[Any]) -> list[Any]:
    """Return the payloads, or the error codes, of concurrent invocations."""

    def invoke(event: Any) -> Any:
        try:
            return function.invoke(event).payload
        except function.client.exceptions.TooManyRequestsException as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"]

    with ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(invoke, events))


def environment_folders(localstack: LocalStack) -> set[str]:
    """Return the names of environments that exist on disk."""
    return {folder.name for folder in localstack.root.glob("files/tmp/localstack/*-environments/*")}


def test_tmp_survives_between_invocations(functions: Functions) -> None:
    """Files in /tmp remain for the next invocation, even if the process was replaced."""
    function = functions.make(TMP)
    assert function.invoke({"name": "a"}).payload == []
    assert function.invoke({"name": "b", "die": True}).error == "Unhandled"
    assert function.invoke({"name": "c"}).payload == ["a.txt", "b.txt"]


def test_tmp_is_private(functions: Functions) -> None:
    """Environments don't see each other's /tmp, be they of one function or of two."""
    one, two = functions.make(TMP), functions.make(TMP)
    events = [{"name": str(number), "sleep": 0.5} for number in range(2)]
    assert invoke_at_once(one, events) == [[], []]
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


def test_emptying_tmp_harms_nobody(functions: Functions) -> None:
    """A function that empties its /tmp does not delete its own code, although LocalStack stores it
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


def test_concurrent_invocations_run_side_by_side(functions: Functions) -> None:
    """Concurrent invocations get a process each, at the same time."""
    function = functions.make(
        """
        import os, time
        def handler(event, context):
            began = time.time()
            time.sleep(1)
            return [os.getpid(), began, time.time()]
        """
    )
    responses = invoke_at_once(function, [None] * 4)
    assert len({pid for pid, _, _ in responses}) == 4
    assert max(began for _, began, _ in responses) < min(ended for _, _, ended in responses)


def test_invocations_above_the_limit_are_throttled(functions: Functions) -> None:
    """More invocations at once than the account's limit are refused with status 429."""
    function = functions.make("import time\ndef handler(e, c): time.sleep(3); return 'fine'")
    responses = invoke_at_once(function, [None] * (LIMIT + 3))
    assert responses.count("fine") == LIMIT
    assert responses.count(429) == 3


def test_reserved_concurrency(functions: Functions) -> None:
    """A function's reserved concurrency limits it."""
    function = functions.make("import time\ndef handler(e, c): time.sleep(1); return 'fine'")
    function.client.put_function_concurrency(
        FunctionName=function.name, ReservedConcurrentExecutions=1
    )
    assert sorted(map(str, invoke_at_once(function, [None] * 2))) == ["429", "fine"]
    function.client.delete_function_concurrency(FunctionName=function.name)


def test_running_invocation_finishes_during_an_update(functions: Functions) -> None:
    """New code does not disturb an invocation of the old, which can import the rest of itself."""
    function = functions.make(
        files={
            "app.py": """
                import time
                def handler(event, context):
                    time.sleep(2)
                    import later
                    return later.n
            """,
            "later.py": "n = 1",
        }
    )
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke)
        time.sleep(0.5)
        function.client.update_function_code(
            FunctionName=function.name,
            ZipFile=archive({"app.py": "def handler(event, context): return 2"}),
        )
        function.wait_until_updated()
        assert function.invoke().payload == 2
        assert not running.done()
        assert running.result().payload == 1


def test_deleting_a_function_removes_its_traces(emulator: LocalStack, functions: Functions) -> None:
    """A deleted function leaves neither processes nor files."""
    before = environment_folders(emulator)
    function = functions.make("import os\ndef handler(event, context): return os.getpid()")
    process = psutil.Process(function.invoke().payload)
    assert environment_folders(emulator) - before
    function.client.delete_function(FunctionName=function.name)
    wait_for(lambda: not process.is_running())
    wait_for(lambda: not environment_folders(emulator) - before)


@pytest.mark.parametrize("word", ["print", "log"])
def test_large_logs(functions: Functions, word: str) -> None:
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
