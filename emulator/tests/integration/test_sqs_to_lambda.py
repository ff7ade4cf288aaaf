"""SQS event source mappings: concurrency, latency, failures and updates."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.speed import limit

from .localstack import REGION, LocalStack
from .queue_function import InvocationRecorder, QueueFunction
from .waiting import wait_for

type MakeQueueFunction = Callable[..., QueueFunction]


@pytest.fixture
def make_function(emulator: LocalStack) -> Iterator[MakeQueueFunction]:
    """Yield a maker of functions with queues; the mappings are deleted after the test."""
    with ExitStack() as stack:

        def make(**queue: str) -> QueueFunction:
            function = QueueFunction(emulator, stack.enter_context(InvocationRecorder()), **queue)
            stack.callback(end, function)
            return function

        yield make


def end(function: QueueFunction) -> None:
    """Delete the mapping and the function, if they exist."""
    function.resume()
    for mapping in function.listed():
        if mapping["State"] != "Deleting":
            function.delete()
    wait_for(lambda: not function.listed())
    function.lambda_.delete_function(FunctionName=function.function.name)


def stays[T](value: Callable[[], T], expected: T, seconds: float = 0.5) -> bool:
    """Return whether a value equals the expected one for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value() != expected:
            return False
    return True


def handled(function: QueueFunction) -> list[str]:
    """Return the messages of finished invocations."""
    return [body for record in function.finished() for body in record["bodies"]]


@pytest.mark.parametrize("concurrency", [2, 4])
def test_maximum_concurrency(make_function: MakeQueueFunction, concurrency: int) -> None:
    """MaximumConcurrency batches are handled at the same time, and no message is received before it
    can be handled.
    """
    function = make_function()
    function.connect(concurrency)
    function.pause()
    function.send(*(f"{number}" for number in range(7)))
    wait_for(lambda: len(function.started()) == concurrency)
    assert stays(
        lambda: (len(function.started()), function.in_flight()), (concurrency, concurrency)
    )
    assert function.waiting() == 7 - concurrency
    function.resume()
    wait_for(lambda: len(function.finished()) == 7)
    wait_for(function.is_empty)
    assert sorted(record["bodies"][0] for record in function.finished()) == [
        f"{n}" for n in range(7)
    ]


def test_default_concurrency(make_function: MakeQueueFunction) -> None:
    """A mapping without ScalingConfig handles as many batches at a time as there are cores."""
    cores = os.process_cpu_count() or 1
    function = make_function()
    function.connect()
    function.pause()
    function.send(*(f"{number}" for number in range(cores + 1)))
    wait_for(lambda: len(function.started()) == min(cores, 20))
    assert stays(lambda: len(function.started()), min(cores, 20))


def test_batch_size(make_function: MakeQueueFunction) -> None:
    """Waiting messages are delivered in batches of at most BatchSize."""
    function = make_function()
    function.send(*(f"{number}" for number in range(5)))
    function.connect(2, BatchSize=3)
    wait_for(lambda: sum(len(record["bodies"]) for record in function.finished()) == 5)
    assert sorted(len(record["bodies"]) for record in function.finished()) == [2, 3]


def test_a_fifo_queue_is_handled_in_order(make_function: MakeQueueFunction) -> None:
    """Messages of a FIFO queue are delivered in order, one batch at a time."""
    function = make_function(FifoQueue="true", ContentBasedDeduplication="true")
    function.connect(4)
    bodies = [f"{number}" for number in range(6)]
    function.send(*bodies, MessageGroupId="group")
    wait_for(lambda: len(function.finished()) == 6)
    assert [record["bodies"] for record in function.started()] == [[body] for body in bodies]
    times = [
        record["time"]
        for pair in zip(function.started(), function.finished(), strict=True)
        for record in pair
    ]
    assert times == sorted(times)
    wait_for(function.is_empty)


def test_failures_are_received_again(make_function: MakeQueueFunction) -> None:
    """The reported failures of a batch, and all messages of a batch with an error, are visible
    again after the visibility timeout; the others are deleted.
    """
    function = make_function(VisibilityTimeout="5")
    function.send("good", "bad")
    function.connect(2, BatchSize=2, FunctionResponseTypes=["ReportBatchItemFailures"])
    wait_for(lambda: len(function.finished()) == 1)
    function.send("error")
    wait_for(lambda: handled(function).count("bad") >= 2 and handled(function).count("error") >= 2)
    assert handled(function).count("good") == 1


def test_failures_go_to_the_dead_letter_queue(make_function: MakeQueueFunction) -> None:
    """A message that failed as often as the queue allows is in the dead-letter queue."""
    dead = make_function()
    policy = {"deadLetterTargetArn": dead.queue_arn, "maxReceiveCount": 2}
    function = make_function(VisibilityTimeout="5", RedrivePolicy=json.dumps(policy))
    function.connect(2)
    function.send("error")
    wait_for(lambda: dead.waiting() == 1)
    assert len(function.finished()) == 2


def test_throttled_invocations_are_retried(make_function: MakeQueueFunction) -> None:
    """Messages whose invocations Lambda throttles are handled as soon as possible, and count as
    received once.
    """
    policy = {"deadLetterTargetArn": make_function().queue_arn, "maxReceiveCount": 1}
    function = make_function(RedrivePolicy=json.dumps(policy))
    function.lambda_.put_function_concurrency(
        FunctionName=function.function.name, ReservedConcurrentExecutions=1
    )
    function.connect(3)
    function.pause()
    function.send("1", "2", "3")
    wait_for(lambda: function.in_flight() == 3 and function.started())
    assert stays(lambda: len(function.started()), 1)
    function.resume()
    wait_for(lambda: len(function.finished()) == 3)
    wait_for(function.is_empty)


def test_throttled_messages_are_received_again(make_function: MakeQueueFunction) -> None:
    """Messages that Lambda throttles for half their visibility timeout are received again, like
    failed ones.
    """
    dead = make_function()
    policy = {"deadLetterTargetArn": dead.queue_arn, "maxReceiveCount": 2}
    function = make_function(VisibilityTimeout="2", RedrivePolicy=json.dumps(policy))
    function.lambda_.put_function_concurrency(
        FunctionName=function.function.name, ReservedConcurrentExecutions=0
    )
    function.connect(2)
    function.send("1", "2")
    wait_for(lambda: dead.waiting() == 2)


def test_disabling_releases_throttled_messages(make_function: MakeQueueFunction) -> None:
    """When a mapping is disabled, throttled messages are visible again immediately."""
    function = make_function(VisibilityTimeout="3600")
    reserve = {"FunctionName": function.function.name}
    function.lambda_.put_function_concurrency(**reserve, ReservedConcurrentExecutions=0)
    function.connect(2)
    function.send("1", "2")
    wait_for(lambda: function.in_flight() == 2)
    function.update(Enabled=False)
    wait_for(lambda: function.waiting() == 2)
    wait_for(lambda: function.state() == "Disabled")
    function.lambda_.delete_function_concurrency(**reserve)
    function.update(Enabled=True)
    wait_for(lambda: len(function.finished()) == 2)


def test_a_disabled_mapping_drains(make_function: MakeQueueFunction) -> None:
    """A disabled mapping receives no more messages, and is Disabling until its running batches have
    ended; enabled again, it continues.
    """
    function = make_function()
    function.connect(2)
    function.pause()
    function.send("1", "2")
    wait_for(lambda: len(function.started()) == 2)
    function.update(Enabled=False)
    function.send("3")
    assert stays(lambda: (function.state(), function.waiting()), ("Disabling", 1))
    function.resume()
    wait_for(lambda: function.state() == "Disabled")
    assert len(function.finished()) == 2
    assert stays(lambda: (function.state(), function.waiting()), ("Disabled", 1))
    function.update(Enabled=True)
    wait_for(lambda: function.state() == "Enabled")
    wait_for(lambda: len(function.finished()) == 3)


def test_an_update_applies_to_the_next_batch(make_function: MakeQueueFunction) -> None:
    """A change of concurrency and batch size applies to the next batch; running batches are not
    affected.
    """
    function = make_function()
    function.connect(2)
    function.pause()
    function.send("1", "2")
    wait_for(lambda: len(function.started()) == 2)
    function.update(ScalingConfig={"MaximumConcurrency": 3}, BatchSize=2)
    wait_for(lambda: function.state() == "Enabled")
    function.resume()
    wait_for(function.is_empty)
    assert stays(function.state, "Enabled")
    function.update(Enabled=False)
    wait_for(lambda: function.state() == "Disabled")
    function.send(*(f"{number}" for number in range(8)))
    function.pause()
    function.update(Enabled=True)
    wait_for(lambda: len(function.started()) == 5)
    assert stays(lambda: (len(function.started()), function.in_flight()), (5, 6))
    function.resume()
    wait_for(function.is_empty)


def test_a_deleted_mapping_drains(make_function: MakeQueueFunction) -> None:
    """A deleted mapping receives no more messages, is Deleting until its running batches have
    ended, and is then removed.
    """
    function = make_function()
    function.connect(2)
    function.pause()
    function.send("1")
    wait_for(lambda: len(function.started()) == 1)
    function.delete()
    function.send("2")
    states = [mapping["State"] for mapping in function.listed()]
    assert states == ["Deleting"]
    assert stays(function.waiting, 1)
    function.resume()
    wait_for(lambda: not function.listed())
    assert (len(function.finished()), function.waiting()) == (1, 1)
    function.connect(2)
    wait_for(lambda: len(function.finished()) == 2)


def test_a_disabled_mapping_can_be_deleted(make_function: MakeQueueFunction) -> None:
    """A disabled mapping can be deleted and created again."""
    function = make_function()
    function.connect(2, Enabled=False)
    function.delete()
    wait_for(lambda: not function.listed())
    function.connect(2, Enabled=False)


def test_a_mapping_continues_with_a_recreated_queue(make_function: MakeQueueFunction) -> None:
    """A mapping continues with a queue that was deleted and created again."""
    function = make_function()
    function.connect(2)
    name = function.queue_arn.rpartition(":")[2]
    function.sqs.delete_queue(QueueUrl=function.queue)
    function.sqs.create_queue(QueueName=name)
    function.send("1")
    wait_for(lambda: len(function.finished()) == 1)


def test_scaling_config_is_returned(make_function: MakeQueueFunction) -> None:
    """ScalingConfig is in the responses of create, update, get and list."""
    function = make_function()
    assert function.connect(5, Enabled=False)["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert function.get()["ScalingConfig"] == {"MaximumConcurrency": 5}
    response = function.update(ScalingConfig={"MaximumConcurrency": 1000})
    (listed,) = function.listed()
    for mapping in (response, function.get(), listed):
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": 1000}
    assert function.update(BatchSize=7)["ScalingConfig"] == {"MaximumConcurrency": 1000}


@pytest.mark.parametrize("number", [1, 1001])
def test_scaling_config_is_validated(
    make_function: MakeQueueFunction, emulator: LocalStack, number: int
) -> None:
    """A number that AWS refuses is refused, by create and by update."""
    function = make_function()
    function.connect(2, Enabled=False)
    function.lambda_ = boto3.client(
        "lambda",
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),  # would refuse it before LocalStack can
    )
    with pytest.raises(ClientError, match=r"ValidationException.*scalingConfig") as update:
        function.update(ScalingConfig={"MaximumConcurrency": number})
    assert update.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    function.delete()
    wait_for(lambda: not function.listed())
    with pytest.raises(ClientError, match=r"ValidationException.*scalingConfig"):
        function.connect(number)
    assert function.listed() == []


def test_timeouts_above_the_visibility_timeout(make_function: MakeQueueFunction) -> None:
    """A mapping and a function are refused if the function's timeout is above the visibility
    timeout of the queue, and accepted if it is equal.
    """
    function = make_function(VisibilityTimeout="20")
    timeouts = {"FunctionName": function.function.name}
    function.lambda_.update_function_configuration(**timeouts, Timeout=21)
    function.function.wait_until_updated()
    message = (
        r"InvalidParameterValueException.*: Queue visibility timeout: 20 seconds is less than"
        r" Function timeout: 21 seconds$"
    )
    with pytest.raises(ClientError, match=message) as refused:
        function.connect()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert function.listed() == []
    function.lambda_.update_function_configuration(**timeouts, Timeout=20)
    function.function.wait_until_updated()
    function.connect()
    with pytest.raises(ClientError, match=message):
        function.lambda_.update_function_configuration(**timeouts, Timeout=21)
    configuration = function.lambda_.get_function_configuration(**timeouts)
    assert configuration["Timeout"] == 20
    function.lambda_.update_function_configuration(**timeouts, Description="no timeout")
    function.function.wait_until_updated()


def test_a_template_sets_scaling_config(
    make_function: MakeQueueFunction, emulator: LocalStack
) -> None:
    """CloudFormation creates and updates a mapping with ScalingConfig."""
    function = make_function()
    properties: dict[str, Any] = {
        "EventSourceArn": function.queue_arn,
        "FunctionName": function.function.name,
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    kind = "AWS::Lambda::EventSourceMapping"
    template = {"Resources": {"Mapping": {"Type": kind, "Properties": properties}}}
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName="scaling", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="scaling", WaiterConfig={"Delay": 0.1}
    )
    (mapping,) = function.listed()
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    properties["ScalingConfig"] = {"MaximumConcurrency": 3}
    cloudformation.update_stack(StackName="scaling", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="scaling", WaiterConfig={"Delay": 0.1}
    )
    (mapping,) = function.listed()
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 3}
    cloudformation.delete_stack(StackName="scaling")
    wait_for(lambda: not function.listed())


def test_a_batching_window_does_not_delay(make_function: MakeQueueFunction) -> None:
    """A message in an idle queue is delivered at once, in spite of a batching window."""
    function = make_function()
    function.connect(2, MaximumBatchingWindowInSeconds=300)
    for number in range(3):
        wait_for(function.is_empty)
        assert stays(function.is_empty, expected=True, seconds=0.3)
        function.send("message")
        wait_for(lambda: len(function.finished()) == number + 1)  # noqa: B023 (called here only)


def test_idle_mappings_use_little_cpu(
    emulator: LocalStack, make_function: MakeQueueFunction
) -> None:
    """Mappings of empty queues use almost no CPU time."""
    fifo = make_function(FifoQueue="true", ContentBasedDeduplication="true")
    feds = fifo, make_function(), make_function()
    for function in feds:
        function.connect(2)
        function.send("message", **({"MessageGroupId": "group"} if function is fifo else {}))
    wait_for(lambda: all(function.finished() and function.is_empty() for function in feds))
    process = psutil.Process(emulator.process.pid)
    before = process.cpu_times()
    assert stays(emulator.process.poll, None, 3)
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    assert spent < limit(0.3)


def test_localstack_stops_with_running_batches(own_root: Path) -> None:
    """LocalStack stops soon, with an idle mapping and one with running batches."""
    with (
        LocalStack(own_root) as localstack,
        InvocationRecorder() as one,
        InvocationRecorder() as other,
    ):
        localstack.wait_until_healthy()
        idle, busy = QueueFunction(localstack, one), QueueFunction(localstack, other)
        idle.connect(2)
        busy.connect(2)
        busy.pause()
        busy.send("1", "2", "3")
        wait_for(lambda: len(busy.started()) == 2)
        assert localstack.stop() == 0
        assert "Traceback" not in localstack.log_text()
