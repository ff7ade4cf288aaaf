"""Rollback triggers: an operation is rolled back while an alarm is in ALARM state."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .stacks import Stack
from .waiting import wait_for


@pytest.fixture
def stack(emulator: LocalStack) -> Iterator[Stack]:
    """Yield a stack, and delete it at the end."""
    stack = Stack(emulator, "watched")
    yield stack
    stack.delete()


class Alarm:
    """An alarm whose state a test sets."""

    def __init__(self, emulator: LocalStack, name: str) -> None:
        self.name = name
        self.cloudwatch = emulator.client("cloudwatch")
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Test",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        self.set("OK")

    def set(self, state: str) -> None:
        """Set its state, which it keeps without data."""
        self.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue=state, StateReason="test")

    @property
    def trigger(self) -> dict[str, str]:
        """The alarm as a rollback trigger."""
        (found,) = self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return {"Arn": found["AlarmArn"], "Type": "AWS::CloudWatch::Alarm"}


@pytest.fixture
def alarm(emulator: LocalStack, stack: Stack) -> Iterator[Alarm]:
    """Yield an alarm in OK state, and delete it at the end."""
    alarm = Alarm(emulator, stack.name)
    yield alarm
    alarm.cloudwatch.delete_alarms(AlarmNames=[alarm.name])


def queues(name: str, delay: int = 0) -> dict[str, Any]:
    """Return two queues: one that is modified, and one that is replaced."""
    return {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": delay}},
        "Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
    }


def start(stack: Stack, resources: dict[str, Any], **configuration: Any) -> None:
    """Start an update with a rollback configuration."""
    stack.cloudformation.update_stack(
        **stack.request(resources), RollbackConfiguration=configuration
    )


def delay(emulator: LocalStack, stack: Stack) -> str:
    """Return the delay of the modified queue."""
    found = emulator.client("sqs").get_queue_attributes(
        QueueUrl=stack.id_of("Queue"), AttributeNames=["DelaySeconds"]
    )
    return str(found["Attributes"]["DelaySeconds"])


def wait_until_deployed(stack: Stack) -> None:
    """Wait until the update has changed all resources."""
    wait_for(
        lambda: {("Queue", "UPDATE_COMPLETE"), ("Named", "UPDATE_COMPLETE")} <= set(stack.events())
    )


def test_an_alarm_in_the_monitoring_period(
    emulator: LocalStack, stack: Stack, alarm: Alarm
) -> None:
    """The old resources stay for the period, and an alarm in it returns to them."""
    stack.create(queues(f"{stack.name}-a"))
    named = stack.id_of("Named")
    start(
        stack, queues(f"{stack.name}-b", 5),
        RollbackTriggers=[alarm.trigger], MonitoringTimeInMinutes=10,
    )  # fmt: skip
    wait_until_deployed(stack)
    assert (stack.status(), delay(emulator, stack)) == ("UPDATE_IN_PROGRESS", "5")
    emulator.client("sqs").send_message(QueueUrl=named, MessageBody="of the old queue")
    alarm.set("ALARM")
    assert stack.ended() == "UPDATE_ROLLBACK_COMPLETE"
    assert f"{alarm.trigger['Arn']} is in ALARM state" in stack.reasons()
    assert (stack.id_of("Named"), delay(emulator, stack)) == (named, "0")
    received = emulator.client("sqs").receive_message(QueueUrl=named)
    assert [each["Body"] for each in received["Messages"]] == ["of the old queue"]


def test_triggers_apply_to_the_next_updates(
    emulator: LocalStack, stack: Stack, alarm: Alarm
) -> None:
    """A stack keeps its triggers until an update sets others; an empty list removes them."""
    stack.create(queues(f"{stack.name}-a"))
    start(stack, queues(f"{stack.name}-a", 1), RollbackTriggers=[alarm.trigger])
    assert stack.ended() == "UPDATE_COMPLETE"
    (described,) = stack.cloudformation.describe_stacks(StackName=stack.name)["Stacks"]
    assert described["RollbackConfiguration"] == {"RollbackTriggers": [alarm.trigger]}
    alarm.set("ALARM")
    assert stack.update(queues(f"{stack.name}-a", 2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert delay(emulator, stack) == "1"
    start(stack, queues(f"{stack.name}-a", 3), RollbackTriggers=[])
    assert (stack.ended(), delay(emulator, stack)) == ("UPDATE_COMPLETE", "3")


def test_a_change_set_has_its_triggers(stack: Stack, alarm: Alarm) -> None:
    """DescribeChangeSet returns them, and its execution is watched."""
    stack.create(queues(f"{stack.name}-a"))
    configuration = {"RollbackTriggers": [alarm.trigger], "MonitoringTimeInMinutes": 3}
    names = {"StackName": stack.name, "ChangeSetName": "watched"}
    stack.cloudformation.create_change_set(
        **stack.request(queues(f"{stack.name}-a", 1)) | names, RollbackConfiguration=configuration
    )
    described = stack.cloudformation.describe_change_set(**names)
    assert described["RollbackConfiguration"] == configuration
    alarm.set("ALARM")
    stack.cloudformation.execute_change_set(**names)
    assert stack.ended() == "UPDATE_ROLLBACK_COMPLETE"


def test_a_watched_creation(emulator: LocalStack, stack: Stack, alarm: Alarm) -> None:
    """A creation that an alarm stops leaves nothing, and so does one whose alarm is missing."""
    alarm.set("ALARM")
    created = stack.create(
        {"Named": queues(f"{stack.name}-a")["Named"]},
        RollbackConfiguration={"RollbackTriggers": [alarm.trigger]},
    )
    assert created == "ROLLBACK_COMPLETE"
    listed = emulator.client("sqs").list_queues(QueueNamePrefix=stack.name)
    assert "QueueUrls" not in listed
    stack.delete()
    missing = {**alarm.trigger, "Arn": f"{alarm.trigger['Arn']}-missing"}
    created = stack.create(
        {"Named": queues(f"{stack.name}-a")["Named"]},
        RollbackConfiguration={"RollbackTriggers": [missing]},
    )
    assert created == "ROLLBACK_COMPLETE"
    assert f"{missing['Arn']} does not exist" in stack.reasons()


def test_a_canceled_update(emulator: LocalStack, stack: Stack) -> None:
    """CancelUpdateStack ends the monitoring period, and rolls back; it needs a running update."""
    stack.create(queues(f"{stack.name}-a"))
    with pytest.raises(ClientError, match="cannot be called from current stack status"):
        stack.cloudformation.cancel_update_stack(StackName=stack.name)
    start(stack, queues(f"{stack.name}-b", 5), MonitoringTimeInMinutes=10)
    wait_until_deployed(stack)
    stack.cloudformation.cancel_update_stack(StackName=stack.name)
    assert stack.ended() == "UPDATE_ROLLBACK_COMPLETE"
    assert delay(emulator, stack) == "0"


@pytest.mark.parametrize("is_skipped", [False, True], ids=["repaired", "skipped"])
def test_a_rollback_that_fails_is_continued(
    emulator: LocalStack,
    stack: Stack,
    is_skipped: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    """The stack can't be updated until the cause is removed, or the resource is skipped."""

    def resources(delay: int) -> dict[str, Any]:
        named = {"QueueName": stack.name, "DelaySeconds": delay}
        return queues(f"{stack.name}-a", delay) | {
            "Lost": {"Type": "AWS::SQS::Queue", "Properties": named}
        }

    stack.create(resources(0))
    sqs = emulator.client("sqs")
    start(stack, resources(5), MonitoringTimeInMinutes=10)
    wait_for(lambda: {("Queue", "UPDATE_COMPLETE"), ("Lost", "UPDATE_COMPLETE")} <= set(
        stack.events()))  # fmt: skip
    sqs.delete_queue(QueueUrl=stack.id_of("Lost"))
    stack.cloudformation.cancel_update_stack(StackName=stack.name)
    assert stack.ended() == "UPDATE_ROLLBACK_FAILED"
    assert delay(emulator, stack) == "0"
    with pytest.raises(ClientError, match="UPDATE_ROLLBACK_FAILED state and can not be updated"):
        stack.update(resources(9))
    skipped = {"ResourcesToSkip": ["Lost"]} if is_skipped else {}
    if not is_skipped:
        sqs.create_queue(QueueName=stack.name, Attributes={"DelaySeconds": "5"})
    stack.cloudformation.continue_update_rollback(StackName=stack.name, **skipped)
    assert stack.ended() == "UPDATE_ROLLBACK_COMPLETE"
    if not is_skipped:
        found = sqs.get_queue_attributes(
            QueueUrl=stack.id_of("Lost"), AttributeNames=["DelaySeconds"]
        )
        assert found["Attributes"]["DelaySeconds"] == "0"
        assert stack.update(resources(9)) == "UPDATE_COMPLETE"


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ({"MonitoringTimeInMinutes": 181}, "not from 0 to 180"),
        ({"RollbackTriggers": [{"Arn": "arn", "Type": "AWS::SNS::Topic"}]}, "no type of rollback"),
        ({"RollbackTriggers": [{"Arn": "arn", "Type": "AWS::CloudWatch::Alarm"}] * 6}, "at most 5"),
    ],
)
def test_wrong_configurations_are_refused(
    stack: Stack, configuration: dict[str, Any], reason: str
) -> None:
    """A wrong configuration is an error that says why; the stack is as before."""
    stack.create(queues(f"{stack.name}-a"))
    with pytest.raises(ClientError, match=reason):
        start(stack, queues(f"{stack.name}-a", 1), **configuration)
    assert stack.status() == "CREATE_COMPLETE"
