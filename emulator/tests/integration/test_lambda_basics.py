"""Lambda basics: events, environment, layers, logs, versions."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .functions import Functions, archive
from .localstack import LAMBDA_PYTHON, LocalStack
from .queue_function import InvocationRecorder
from .waiting import wait_for

ECHO = "def handler(event, context): return event"
PROCESS = "import os\ndef handler(event, context): return os.getpid()"


@pytest.mark.parametrize("event", [None, {}, {"käse": ["日本", 1.5, True]}, "text", [], 0])
def test_event_is_passed_and_result_returned(functions: Functions, event: Any) -> None:
    """The handler receives the event, and the caller its result, with any JSON."""
    assert functions.make(ECHO).invoke(event).payload == event


def test_the_context_is_that_of_aws(functions: Functions) -> None:
    """The context has the function's name, request ID, memory, ARN, logs and remaining time."""
    function = functions.make(
        """
        def handler(event, context):
            return {
                "name": context.function_name,
                "version": context.function_version,
                "memory": context.memory_limit_in_mb,
                "arn": context.invoked_function_arn,
                "request": context.aws_request_id,
                "group": context.log_group_name,
                "stream": context.log_stream_name,
                "left": context.get_remaining_time_in_millis(),
            }
        """
    )
    result = function.invoke()
    context = result.payload
    assert context["name"] == function.name
    assert context["version"] == result.version == "$LATEST"
    assert context["memory"] == "256"
    assert context["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}"
    assert f"START RequestId: {context['request']} Version: $LATEST\n" in result.log
    assert context["group"] == f"/aws/lambda/{function.name}"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["stream"])
    assert 8000 < context["left"] <= 10000


def test_environment_is_that_of_aws(emulator: LocalStack, functions: Functions) -> None:
    """A function sees AWS's variables and its own, and nothing of LocalStack's process."""
    function = functions.make(
        """
        import os, sys
        def handler(event, context):
            return {"env": dict(os.environ), "cwd": os.getcwd(), "path": sys.path}
        """,
        Environment={"Variables": {"NUMBER": "7", "LANG": "C.UTF-8"}},
    )
    payload = function.invoke().payload
    env = payload["env"]
    assert env["NUMBER"] == "7"
    assert env["LANG"] == "C.UTF-8"
    assert env["AWS_ENDPOINT_URL"] == emulator.url
    assert env["AWS_REGION"] == env["AWS_DEFAULT_REGION"] == "us-east-1"
    assert env["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert env["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert env["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{function.name}"
    assert env["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert env["_HANDLER"] == "app.handler"
    assert env["TZ"] == ":UTC"
    assert env["LAMBDA_TASK_ROOT"] == payload["cwd"]
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= env.keys()
    foreign = re.compile("LOCALSTACK|EMULATOR|GATEWAY|FILESYSTEM|EDGE_PORT|VIRTUAL_ENV")
    assert [name for name in env if foreign.search(name)] == []
    assert [path for path in payload["path"] if "env/emulator" in path] == []


def test_function_runs_in_the_lambda_interpreter(functions: Functions) -> None:
    """Functions run in the configured interpreter, without LocalStack's packages."""
    function = functions.make(
        """
        import importlib.util, sys
        def handler(event, context):
            found = [importlib.util.find_spec(name) is not None for name in ("boto3", "localstack")]
            return [sys.prefix, *found]
        """
    )
    assert function.invoke().payload == [str(LAMBDA_PYTHON.parents[1]), True, False]


def test_a_function_calls_services(emulator: LocalStack, functions: Functions) -> None:
    """boto3 in a function calls this LocalStack, with the credentials of its environment."""
    emulator.client("s3").create_bucket(Bucket="from-a-function")
    function = functions.make(
        """
        import boto3
        s3 = boto3.client("s3")
        def handler(event, context):
            s3.put_object(Bucket="from-a-function", Key="a b/ü", Body=b"hello")
        """
    )
    assert function.invoke().error is None
    response = emulator.client("s3").get_object(Bucket="from-a-function", Key="a b/ü")
    assert response["Body"].read() == b"hello"


def test_layers_are_merged_in_order(functions: Functions) -> None:
    """Both layer folders are importable, a later layer replaces files of an earlier one, and the
    function's own modules come before all of them.
    """
    first = functions.layer(
        {"python/one.py": "n = 1", "python/both.py": "n = 1", "python/app_first.py": "n = 1"}
    )
    second = functions.layer(
        {
            "python/lib/python3.13/site-packages/two.py": "n = 2",
            "python/both.py": "n = 2",
            "data/file.txt": "data",
        }
    )
    function = functions.make(
        files={
            "app.py": """
                import os, one, two, both, app_first
                def handler(event, context):
                    opt = os.path.dirname(os.path.dirname(one.__file__))
                    with open(opt + "/data/file.txt") as file:
                        return [one.n, two.n, both.n, app_first.n, file.read()]
            """,
            "app_first.py": "n = 0",
        },
        Layers=[first, second],
    )
    assert function.invoke().payload == [1, 2, 2, 0, "data"]


def test_layer_outlives_its_deletion(
    emulator: LocalStack, functions: Functions, recorder: InvocationRecorder
) -> None:
    """A function keeps a layer version that was deleted, also in environments started later."""
    arn = functions.layer({"python/kept.py": "n = 1"})
    function = functions.make(
        """
        import kept, os
        from urllib.request import urlopen
        def handler(event, context):
            if event: urlopen(event, b"{}").read()
            return os.getpid(), kept.n
        """,
        Layers=[arn],
        Timeout=900,
    )
    assert function.invoke().payload[1] == 1
    _, name, version = arn.rsplit(":", 2)
    emulator.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))
    recorder.may_continue.clear()
    with ThreadPoolExecutor(2) as pool:
        invoked = [pool.submit(function.invoke, recorder.url) for _ in range(2)]
        wait_for(lambda: len(recorder.records) == 2)
        recorder.may_continue.set()
        responses = [each.result().payload for each in invoked]
    assert len({pid for pid, _ in responses}) == 2
    assert [n for _, n in responses] == [1, 1]


def test_environment_is_reused(functions: Functions) -> None:
    """Consecutive invocations run in the same process."""
    function = functions.make(PROCESS)
    assert len({function.invoke().payload for _ in range(3)}) == 1


def test_report_of_cold_and_warm_start(functions: Functions) -> None:
    """The order is START, the function's lines, END, REPORT; the init phase and its output belong
    to the first invocation.
    """
    function = functions.make(
        """
        import sys, time
        print("loading")
        time.sleep(0.1)
        def handler(event, context):
            print("to stdout")
            print("to stderr", file=sys.stderr)
            time.sleep(0.2)
        """
    )
    cold, warm = function.invoke(), function.invoke()
    words = ["INIT_START", "loading", "START RequestId", "to stdout", "to stderr", "END", "REPORT"]
    places = [cold.log.index(word) for word in words]
    assert places == sorted(places)
    assert "loading" not in warm.log
    assert "to stderr" in warm.log

    assert float(cold.report()["Init Duration"].removesuffix(" ms")) >= 100
    assert "Init Duration" not in warm.report()
    duration = float(warm.report()["Duration"].removesuffix(" ms"))
    assert 200 <= duration < 400
    assert int(warm.report()["Billed Duration"].removesuffix(" ms")) - duration < 1
    assert warm.report()["Memory Size"] == "256 MB"
    assert 5 < int(warm.report()["Max Memory Used"].removesuffix(" MB")) < 100


def test_logs_are_complete_and_shipped(emulator: LocalStack, functions: Functions) -> None:
    """CloudWatch Logs receives every line, and the tail in the response is its last 4 KB."""
    function = functions.make(
        """
        import subprocess
        def handler(event, context):
            for number in range(500):
                print("line", number)
            subprocess.run(["echo", "from a child"])
        """
    )
    result = function.invoke()
    assert len(result.log) == 4096
    assert "line 499\nfrom a child\nEND" in result.log
    logs = emulator.client("logs")

    def messages() -> list[str]:
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"].strip() for event in events]

    wait_for(lambda: any(message.startswith("REPORT") for message in messages()))
    lines = [message for message in messages() if message.startswith("line")]
    assert lines == [f"line {number}" for number in range(500)]


def test_log_groups_are_created_where_they_are_missing(
    emulator: LocalStack, functions: Functions
) -> None:
    """Logs reach a group that exists, whatever is in it, and a new one if it has been deleted."""
    function = functions.make("def handler(event, context): print(event)")
    logs, group = emulator.client("logs"), {"logGroupName": f"/aws/lambda/{function.name}"}

    def has(word: str) -> bool:
        try:
            events = logs.filter_log_events(**group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        return any(event["message"].strip() == word for event in events)

    logs.create_log_group(**group, tags={"mine": "yes"})
    for word in ("one", "two"):
        function.invoke(word)
        wait_for(lambda word=word: has(word))  # type: ignore[misc]
    assert logs.list_tags_log_group(**group)["tags"] == {"mine": "yes"}
    logs.delete_log_group(**group)
    function.invoke("three")
    wait_for(lambda: has("three"))
    assert not has("one")


def test_updates_take_effect(functions: Functions) -> None:
    """New code and configuration apply to the next invocation, in a new process."""
    function = functions.make(
        "import os\ndef handler(event, context): return [1, os.environ.get('KEY')]"
    )
    assert function.invoke().payload == [1, None]
    function.client.update_function_code(
        FunctionName=function.name,
        ZipFile=archive(
            {"app.py": "import os\ndef handler(event, context): return [2, os.environ.get('KEY')]"}
        ),
    )
    function.wait_until_updated()
    assert function.invoke().payload == [2, None]
    function.client.update_function_configuration(
        FunctionName=function.name, Environment={"Variables": {"KEY": "new"}}
    )
    function.wait_until_updated()
    assert function.invoke().payload == [2, "new"]


def test_versions_and_aliases(functions: Functions) -> None:
    """An alias runs the version it points at, while $LATEST runs newer code."""
    function = functions.make("def handler(event, context): return 1")
    version = function.client.publish_version(FunctionName=function.name)["Version"]
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    function.client.update_function_code(
        FunctionName=function.name,
        ZipFile=archive({"app.py": "def handler(event, context): return 2"}),
    )
    function.wait_until_updated()
    assert function.invoke().payload == 2
    live = function.invoke(Qualifier="live")
    assert (live.payload, live.version) == (1, version)


def test_provisioned_concurrency(functions: Functions) -> None:
    """A provisioned environment is started ahead of the first invocation, which finds it warm."""
    function = functions.make(
        "import os\ndef handler(e, c): return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']"
    )
    version = function.client.publish_version(FunctionName=function.name)["Version"]
    where = {"FunctionName": function.name, "Qualifier": version}
    function.client.put_provisioned_concurrency_config(**where, ProvisionedConcurrentExecutions=1)

    def allocated() -> int | None:
        """The number of environments, once they are ready."""
        found = function.client.get_provisioned_concurrency_config(**where)
        is_ready = found["Status"] == "READY"
        return int(found["AllocatedProvisionedConcurrentExecutions"]) if is_ready else None

    wait_for(lambda: allocated() == 1)
    assert function.invoke(Qualifier=version).payload == "provisioned-concurrency"
    for count in (3, 2):
        function.client.put_provisioned_concurrency_config(
            **where, ProvisionedConcurrentExecutions=count
        )
        wait_for(lambda: allocated() is not None)
        assert allocated() == count
        assert function.invoke(Qualifier=version).payload == "provisioned-concurrency"
    function.client.delete_provisioned_concurrency_config(**where)


def test_asynchronous_invocation(emulator: LocalStack, functions: Functions) -> None:
    """An Event invocation is accepted immediately and runs later."""
    emulator.client("s3").create_bucket(Bucket="asynchronous")
    function = functions.make(
        """
        import boto3
        def handler(event, context):
            boto3.client("s3").put_object(Bucket="asynchronous", Key="key", Body=event["text"])
        """
    )
    response = function.client.invoke(
        FunctionName=function.name, InvocationType="Event", Payload=b'{"text": "hello"}'
    )
    assert response["StatusCode"] == 202
    s3 = emulator.client("s3")
    wait_for(lambda: s3.list_objects_v2(Bucket="asynchronous").get("Contents"))


def test_an_update_delays_no_asynchronous_invocation(
    emulator: LocalStack, functions: Functions
) -> None:
    """Events that arrive while the function is updated run at once, with its old or new code."""
    emulator.client("s3").create_bucket(Bucket="updated")
    function = functions.make(
        """
        import boto3
        def handler(event, context):
            boto3.client("s3").put_object(Bucket="updated", Key=event["key"])
        """,
        Timeout=600,
    )
    keys = set()
    for number in range(3):
        function.client.update_function_configuration(
            FunctionName=function.name, Description=str(number)
        )
        function.client.get_waiter("function_updated_v2").wait(
            FunctionName=function.name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600}
        )
        for part in range(3):
            keys.add(key := f"{number}-{part}")
            function.client.invoke(
                FunctionName=function.name, InvocationType="Event", Payload=json.dumps({"key": key})
            )
    s3 = emulator.client("s3")

    def stored() -> set[str]:
        return {each["Key"] for each in s3.list_objects_v2(Bucket="updated").get("Contents", ())}

    wait_for(lambda: stored() == keys)
