"""From a queue to a function: how many batches at a time, how soon, and what comes back."""

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

from tests.integration.localstack import REGION, LocalStack
from tests.integration.waiting import wait_for

from .fed import Fed, Listener

type MakeFed = Callable[..., Fed]


@pytest.fixture
def make_fed(emulator: LocalStack) -> Iterator[MakeFed]:
    """Give a maker of a function with its queue; the mappings end with the test."""
    with ExitStack() as stack:

        def make(**queue: str) -> Fed:
            fed = Fed(emulator, stack.enter_context(Listener()), **queue)
            stack.callback(end, fed)
            return fed

        yield make


def end(fed: Fed) -> None:
    """Delete the mapping if there is one, and the function with the concurrency it may reserve."""
    fed.release()
    for mapping in fed.listed():
        if mapping["State"] != "Deleting":
            fed.delete()
    wait_for(lambda: not fed.listed())
    fed.lambda_.delete_function(FunctionName=fed.function.name)


def stays[T](value: Callable[[], T], expected: T, seconds: float = 0.5) -> bool:
    """Say whether a value is, and stays for a while, as expected."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value() != expected:
            return False
    return True


def handled(fed: Fed) -> list[str]:
    """Return the messages that invocations have ended with."""
    return [body for said in fed.ended() for body in said["bodies"]]


@pytest.mark.parametrize("concurrency", [2, 4])
def test_as_many_at_a_time_as_allowed(make_fed: MakeFed, concurrency: int) -> None:
    """MaximumConcurrency batches are handled at the same time, and no message is received before
    there is room for it.
    """
    fed = make_fed()
    fed.connect(concurrency)
    fed.hold()
    fed.send(*(f"{number}" for number in range(7)))
    wait_for(lambda: len(fed.began()) == concurrency)
    assert stays(lambda: (len(fed.began()), fed.in_flight()), (concurrency, concurrency))
    assert fed.waiting() == 7 - concurrency
    fed.release()
    wait_for(lambda: len(fed.ended()) == 7)
    wait_for(fed.is_empty)
    assert sorted(note["bodies"][0] for note in fed.ended()) == [f"{n}" for n in range(7)]


def test_without_a_limit(make_fed: MakeFed) -> None:
    """A mapping without ScalingConfig handles as many batches at a time as there are cores."""
    cores = os.process_cpu_count() or 1
    fed = make_fed()
    fed.connect()
    fed.hold()
    fed.send(*(f"{number}" for number in range(cores + 1)))
    wait_for(lambda: len(fed.began()) == min(cores, 20))
    assert stays(lambda: len(fed.began()), min(cores, 20))


def test_batches(make_fed: MakeFed) -> None:
    """Messages that wait come in batches of at most BatchSize."""
    fed = make_fed()
    fed.send(*(f"{number}" for number in range(5)))
    fed.connect(2, BatchSize=3)
    wait_for(lambda: sum(len(note["bodies"]) for note in fed.ended()) == 5)
    assert sorted(len(note["bodies"]) for note in fed.ended()) == [2, 3]


def test_fifo(make_fed: MakeFed) -> None:
    """Messages of a FIFO queue come in their order, one batch at a time."""
    fed = make_fed(FifoQueue="true", ContentBasedDeduplication="true")
    fed.connect(4)
    bodies = [f"{number}" for number in range(6)]
    fed.send(*bodies, MessageGroupId="group")
    wait_for(lambda: len(fed.ended()) == 6, 20)
    assert [said["bodies"] for said in fed.began()] == [[body] for body in bodies]
    times = [said["time"] for pair in zip(fed.began(), fed.ended(), strict=True) for said in pair]
    assert times == sorted(times)
    wait_for(fed.is_empty)


def test_failures_come_back(make_fed: MakeFed) -> None:
    """What a batch reports as failed, and all of a batch that ends in an error, comes back when its
    visibility timeout is over; the rest is deleted.
    """
    fed = make_fed(VisibilityTimeout="2")
    fed.send("good", "bad")
    fed.connect(2, BatchSize=2, FunctionResponseTypes=["ReportBatchItemFailures"])
    wait_for(lambda: len(fed.ended()) == 1)
    fed.send("error")
    wait_for(lambda: handled(fed).count("bad") >= 2 and handled(fed).count("error") >= 2)
    assert handled(fed).count("good") == 1


def test_failures_go_to_the_dead_letter_queue(make_fed: MakeFed) -> None:
    """A message that failed as often as the queue allows is in the dead-letter queue."""
    dead = make_fed()
    policy = {"deadLetterTargetArn": dead.queue_arn, "maxReceiveCount": 2}
    fed = make_fed(VisibilityTimeout="1", RedrivePolicy=json.dumps(policy))
    fed.connect(2)
    fed.send("error")
    wait_for(lambda: dead.waiting() == 1, 20)
    assert len(fed.ended()) == 2


def test_refused_invocations_are_repeated(make_fed: MakeFed) -> None:
    """Messages whose invocations Lambda refuses, because too many run, are handled as soon as they
    may be, and count as received once.
    """
    policy = {"deadLetterTargetArn": make_fed().queue_arn, "maxReceiveCount": 1}
    fed = make_fed(RedrivePolicy=json.dumps(policy))
    fed.lambda_.put_function_concurrency(
        FunctionName=fed.function.name, ReservedConcurrentExecutions=1
    )
    fed.connect(3)
    fed.hold()
    fed.send("1", "2", "3")
    wait_for(lambda: fed.in_flight() == 3 and fed.began())
    assert stays(lambda: len(fed.began()), 1)
    fed.release()
    wait_for(lambda: len(fed.ended()) == 3)
    wait_for(fed.is_empty)


def test_messages_that_are_refused_for_long(make_fed: MakeFed) -> None:
    """Messages that Lambda refuses for half their visibility timeout come back as others that
    failed.
    """
    dead = make_fed()
    policy = {"deadLetterTargetArn": dead.queue_arn, "maxReceiveCount": 2}
    fed = make_fed(VisibilityTimeout="2", RedrivePolicy=json.dumps(policy))
    fed.lambda_.put_function_concurrency(
        FunctionName=fed.function.name, ReservedConcurrentExecutions=0
    )
    fed.connect(2)
    fed.send("1", "2")
    wait_for(lambda: dead.waiting() == 2, 20)


def test_messages_that_are_refused_until_disabled(make_fed: MakeFed) -> None:
    """When a mapping is disabled, messages that Lambda refuses come back at once."""
    fed = make_fed(VisibilityTimeout="3600")
    reserve = {"FunctionName": fed.function.name}
    fed.lambda_.put_function_concurrency(**reserve, ReservedConcurrentExecutions=0)
    fed.connect(2)
    fed.send("1", "2")
    wait_for(lambda: fed.in_flight() == 2)
    fed.update(Enabled=False)
    wait_for(lambda: fed.waiting() == 2)
    wait_for(lambda: fed.state() == "Disabled")
    fed.lambda_.delete_function_concurrency(**reserve)
    fed.update(Enabled=True)
    wait_for(lambda: len(fed.ended()) == 2)


def test_disabling(make_fed: MakeFed) -> None:
    """A mapping that is disabled takes no more messages, and is Disabling until the batches that
    run have ended; enabled again, it goes on.
    """
    fed = make_fed()
    fed.connect(2)
    fed.hold()
    fed.send("1", "2")
    wait_for(lambda: len(fed.began()) == 2)
    fed.update(Enabled=False)
    fed.send("3")
    assert stays(lambda: (fed.state(), fed.waiting()), ("Disabling", 1))
    fed.release()
    wait_for(lambda: fed.state() == "Disabled")
    assert len(fed.ended()) == 2
    assert stays(lambda: (fed.state(), fed.waiting()), ("Disabled", 1))
    fed.update(Enabled=True)
    wait_for(lambda: fed.state() == "Enabled")
    wait_for(lambda: len(fed.ended()) == 3)


def test_updating(make_fed: MakeFed) -> None:
    """A change of concurrency and batch size counts from the next batch on; those that run end as
    they would have.
    """
    fed = make_fed()
    fed.connect(2)
    fed.hold()
    fed.send("1", "2")
    wait_for(lambda: len(fed.began()) == 2)
    fed.update(ScalingConfig={"MaximumConcurrency": 3}, BatchSize=2)
    wait_for(lambda: fed.state() == "Enabled")
    fed.release()
    wait_for(fed.is_empty)
    assert stays(fed.state, "Enabled")
    fed.update(Enabled=False)
    wait_for(lambda: fed.state() == "Disabled")
    fed.send(*(f"{number}" for number in range(8)))
    fed.hold()
    fed.update(Enabled=True)
    wait_for(lambda: len(fed.began()) == 5)
    assert stays(lambda: (len(fed.began()), fed.in_flight()), (5, 6))
    fed.release()
    wait_for(fed.is_empty)


def test_deleting(make_fed: MakeFed) -> None:
    """A mapping that is deleted takes no more messages, is Deleting until the batches that run have
    ended, and is then gone.
    """
    fed = make_fed()
    fed.connect(2)
    fed.hold()
    fed.send("1")
    wait_for(lambda: len(fed.began()) == 1)
    fed.delete()
    fed.send("2")
    states = [mapping["State"] for mapping in fed.listed()]
    assert states == ["Deleting"]
    assert stays(fed.waiting, 1)
    fed.release()
    wait_for(lambda: not fed.listed())
    assert (len(fed.ended()), fed.waiting()) == (1, 1)
    fed.connect(2)
    wait_for(lambda: len(fed.ended()) == 2)


def test_deleting_what_is_disabled(make_fed: MakeFed) -> None:
    """A disabled mapping that is deleted is gone, and another one can be made."""
    fed = make_fed()
    fed.connect(2, Enabled=False)
    fed.delete()
    wait_for(lambda: not fed.listed())
    fed.connect(2, Enabled=False)


def test_a_queue_that_is_made_anew(make_fed: MakeFed) -> None:
    """A mapping goes on with a queue that was deleted and made again under the same name."""
    fed = make_fed()
    fed.connect(2)
    name = fed.queue_arn.rpartition(":")[2]
    fed.sqs.delete_queue(QueueUrl=fed.queue)
    fed.sqs.create_queue(QueueName=name)
    fed.send("1")
    wait_for(lambda: len(fed.ended()) == 1, 30)


def test_scaling_is_kept(make_fed: MakeFed) -> None:
    """What was asked for is in the answers to create, update, get and list."""
    fed = make_fed()
    assert fed.connect(5, Enabled=False)["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert fed.get()["ScalingConfig"] == {"MaximumConcurrency": 5}
    answer = fed.update(ScalingConfig={"MaximumConcurrency": 1000})
    (listed,) = fed.listed()
    for mapping in (answer, fed.get(), listed):
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": 1000}
    assert fed.update(BatchSize=7)["ScalingConfig"] == {"MaximumConcurrency": 1000}


@pytest.mark.parametrize("number", [1, 1001])
def test_scaling_out_of_range(make_fed: MakeFed, emulator: LocalStack, number: int) -> None:
    """A number that AWS refuses is refused, by create and by update."""
    fed = make_fed()
    fed.connect(2, Enabled=False)
    fed.lambda_ = boto3.client(
        "lambda",
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),  # would refuse it before LocalStack can
    )
    with pytest.raises(ClientError, match=r"ValidationException.*scalingConfig") as update:
        fed.update(ScalingConfig={"MaximumConcurrency": number})
    assert update.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    fed.delete()
    wait_for(lambda: not fed.listed())
    with pytest.raises(ClientError, match=r"ValidationException.*scalingConfig"):
        fed.connect(number)
    assert fed.listed() == []


def test_scaling_in_a_template(make_fed: MakeFed, emulator: LocalStack) -> None:
    """CloudFormation makes a mapping with ScalingConfig, and changes it."""
    fed = make_fed()
    properties: dict[str, Any] = {
        "EventSourceArn": fed.queue_arn,
        "FunctionName": fed.function.name,
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    kind = "AWS::Lambda::EventSourceMapping"
    template = {"Resources": {"Mapping": {"Type": kind, "Properties": properties}}}
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName="scaling", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="scaling", WaiterConfig={"Delay": 0.1}
    )
    (mapping,) = fed.listed()
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    properties["ScalingConfig"] = {"MaximumConcurrency": 3}
    cloudformation.update_stack(StackName="scaling", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="scaling", WaiterConfig={"Delay": 0.1}
    )
    (mapping,) = fed.listed()
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 3}
    cloudformation.delete_stack(StackName="scaling")
    wait_for(lambda: not fed.listed())


@pytest.mark.parametrize("window", [0, 1])
def test_at_once(make_fed: MakeFed, window: int) -> None:
    """A message that comes to an idle queue is handed over at once, with a batching window and
    without.
    """
    fed = make_fed()
    fed.connect(2, MaximumBatchingWindowInSeconds=window)
    fed.send("first")
    wait_for(lambda: len(fed.ended()) == 1)

    def delay() -> float:
        wait_for(fed.is_empty)
        assert stays(fed.is_empty, expected=True, seconds=0.3)
        before, sent = len(fed.ended()), time.time()
        fed.send("message")
        wait_for(lambda: len(fed.ended()) == before + 1)
        return float(fed.began()[-1]["time"]) - sent

    delays = [delay() for _ in range(9)]
    assert sorted(delays)[len(delays) // 2] < 0.15


def test_idle_mappings_cost_nothing(emulator: LocalStack, make_fed: MakeFed) -> None:
    """Mappings of empty queues take next to no processor time."""
    fifo = make_fed(FifoQueue="true", ContentBasedDeduplication="true")
    feds = fifo, make_fed(), make_fed()
    for fed in feds:
        fed.connect(2)
        fed.send("message", **({"MessageGroupId": "group"} if fed is fifo else {}))
    wait_for(lambda: all(fed.ended() and fed.is_empty() for fed in feds))
    process = psutil.Process(emulator.process.pid)
    before = process.cpu_times()
    assert stays(emulator.process.poll, None, 3)
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    assert spent < 0.3


def test_stopping_localstack(own_root: Path) -> None:
    """LocalStack stops soon, with one mapping idle and another one that has batches running."""
    with LocalStack(own_root) as localstack, Listener() as one, Listener() as other:
        localstack.wait_until_healthy()
        idle, busy = Fed(localstack, one), Fed(localstack, other)
        idle.connect(2)
        busy.connect(2)
        busy.hold()
        busy.send("1", "2", "3")
        wait_for(lambda: len(busy.began()) == 2)
        began = time.monotonic()
        assert localstack.stop() == 0
        assert time.monotonic() - began < 15
        assert "Traceback" not in localstack.log_text()
