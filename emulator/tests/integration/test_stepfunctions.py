"""State machines: metrics, execution data in logs and histories, stops and task tokens."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .localstack import LocalStack
from .persistence import PersistentLocalStack
from .test_cloudwatch import metric_data, statistic
from .waiting import wait_for

ROLE = "arn:aws:iam::000000000000:role/any"
SECRET = "no business of theirs"

_numbers = itertools.count()


@pytest.fixture
def stepfunctions(emulator: LocalStack) -> Any:
    """Return a Step Functions client."""
    return emulator.client("stepfunctions")


def machine(stepfunctions: Any, *states: dict[str, Any], **options: Any) -> str:
    """Create a state machine of consecutive states; return its ARN."""
    names = [f"S{number}" for number in range(len(states))]
    chain: dict[str, Any] = dict(zip(names, states, strict=True))
    for name, following in itertools.pairwise(names):
        chain[name] = {**chain[name], "Next": following}
    if states[-1]["Type"] != "Fail":
        chain[names[-1]] = {**states[-1], "End": True}
    definition = json.dumps({"StartAt": "S0", "States": chain})
    name = f"machine-{next(_numbers)}"
    made = stepfunctions.create_state_machine(
        name=name, definition=definition, roleArn=ROLE, **options
    )
    return str(made["stateMachineArn"])


def logging(localstack: LocalStack, group: str, *, is_wanted: bool = False) -> dict[str, Any]:
    """The arguments of a state machine that logs to a new group."""
    localstack.client("logs").create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    return {
        "loggingConfiguration": {
            "level": "ALL",
            "includeExecutionData": is_wanted,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        }
    }


def run(stepfunctions: Any, arn: str) -> str:
    """Run an execution to its end; return its ARN."""
    execution = stepfunctions.start_execution(
        stateMachineArn=arn, input=json.dumps({"secret": SECRET})
    )["executionArn"]
    wait_for(
        lambda: stepfunctions.describe_execution(executionArn=execution)["status"] != "RUNNING"
    )
    return str(execution)


@pytest.mark.parametrize(
    ("last", "metric"),
    [({"Type": "Pass"}, "ExecutionsSucceeded"), ({"Type": "Fail"}, "ExecutionsFailed")],
)
def test_executions_are_counted(
    emulator: LocalStack, stepfunctions: Any, last: dict[str, str], metric: str
) -> None:
    """Started and ended executions are counted, the latter by their status."""
    arn = machine(stepfunctions, {"Type": "Pass"}, last)
    for _ in range(2):
        run(stepfunctions, arn)
    cloudwatch = emulator.client("cloudwatch")

    def total(name: str) -> list[float]:
        metric = {
            "Namespace": "AWS/States",
            "MetricName": name,
            "Dimensions": [{"Name": "StateMachineArn", "Value": arn}],
        }
        return metric_data(cloudwatch, statistic(metric, "Sum"))["queried"]

    wait_for(lambda: total(metric) == [2.0])
    assert total("ExecutionsStarted") == [2.0]
    assert total("ExecutionsAborted") == total("ExecutionsTimedOut") == [0.0]
    assert total("ExecutionTime")[0] > 0


def test_a_stopped_execution_is_aborted(emulator: LocalStack, stepfunctions: Any) -> None:
    """An execution that is stopped at any time counts as aborted only."""
    arn = machine(stepfunctions, {"Type": "Wait", "Seconds": 600})
    for _ in range(10):
        execution = stepfunctions.start_execution(stateMachineArn=arn)["executionArn"]
        stepfunctions.stop_execution(executionArn=execution)
        assert stepfunctions.describe_execution(executionArn=execution)["status"] == "ABORTED"
    metric = {
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsAborted",
        "Dimensions": [{"Name": "StateMachineArn", "Value": arn}],
    }
    cloudwatch = emulator.client("cloudwatch")
    wait_for(lambda: metric_data(cloudwatch, statistic(metric, "Sum"))["queried"] == [10.0])


def test_an_execution_that_waits_for_a_token_can_be_stopped(
    emulator: LocalStack, stepfunctions: Any
) -> None:
    """Its last event has the reason, and its token is invalid."""
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="stopped")["QueueUrl"]
    _, execution, token = waiting(stepfunctions, sqs, queue)
    stepfunctions.stop_execution(executionArn=execution, error="Tired", cause="It was late.")
    found = stepfunctions.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Tired", "It was late.")
    with pytest.raises(stepfunctions.exceptions.InvalidToken):
        stepfunctions.send_task_success(taskToken=token, output="{}")
    stepfunctions.stop_execution(executionArn=execution, error="Again")
    events = stepfunctions.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events[-2:]] == ["TaskSubmitted", "ExecutionAborted"]
    assert events[-1]["executionAbortedEventDetails"] == {"error": "Tired", "cause": "It was late."}


@pytest.mark.parametrize("is_wanted", [True, False])
def test_logs_exclude_execution_data_by_default(
    emulator: LocalStack, stepfunctions: Any, *, is_wanted: bool
) -> None:
    """A task's parameters, which may contain a task token, are execution data."""
    logs, sns = emulator.client("logs"), emulator.client("sns")
    topic = sns.create_topic(Name="told")["TopicArn"]
    group = f"/aws/vendedlogs/states/{next(_numbers)}"
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": topic, "Message.$": "$.secret"},
    }
    execution = run(
        stepfunctions,
        machine(stepfunctions, task, **logging(emulator, group, is_wanted=is_wanted)),
    )

    def lines() -> list[str]:
        found = logs.filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in found if execution in event["message"]]

    wait_for(lambda: any("ExecutionSucceeded" in line for line in lines()))
    scheduled = next(line for line in lines() if "TaskScheduled" in line)
    assert (SECRET in scheduled) is is_wanted
    assert any(SECRET in line for line in lines()) is is_wanted
    assert '"resource": "publish"' in scheduled


@pytest.mark.parametrize("is_wanted", [True, False])
def test_histories_can_exclude_execution_data(stepfunctions: Any, *, is_wanted: bool) -> None:
    """The events have the names of states and errors, without data."""
    fails = {"Type": "Fail", "Error": "Broken"}
    execution = run(stepfunctions, machine(stepfunctions, {"Type": "Pass"}, fails))
    found = stepfunctions.get_execution_history(
        executionArn=execution, includeExecutionData=is_wanted
    )["events"]
    assert (SECRET in str(found)) is is_wanted
    named = [
        event["stateEnteredEventDetails"]["name"] for event in found if "Entered" in event["type"]
    ]
    assert named == ["S0", "S1"]
    assert found[-1]["executionFailedEventDetails"]["error"] == "Broken"


def waiting(client: Any, sqs: Any, queue: str, **options: Any) -> tuple[str, str, str]:
    """Start an execution that waits; return its state machine, its ARN and the task token."""
    waits = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
    }
    arn = machine(client, waits, **options)
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    return arn, execution, message["Body"]


def test_a_task_token_is_accepted_once(emulator: LocalStack, stepfunctions: Any) -> None:
    """The execution continues with the first result, however soon a second one follows."""
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="once")["QueueUrl"]
    _, execution, token = waiting(stepfunctions, sqs, queue)

    def response(number: int) -> bool:
        try:
            stepfunctions.send_task_success(taskToken=token, output=str(number))
        except (stepfunctions.exceptions.TaskTimedOut, stepfunctions.exceptions.InvalidToken):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(response, range(24)))
    assert taken.count(True) == 1

    def ended() -> bool:
        said = stepfunctions.describe_execution(executionArn=execution)
        return bool(said["status"] == "SUCCEEDED")

    wait_for(ended)
    output = stepfunctions.describe_execution(executionArn=execution)["output"]
    assert output == str(taken.index(True))


def test_a_restart_aborts_executions(own_root: Path) -> None:
    """A restart aborts executions and invalidates their tokens; new executions can be started."""
    persistent = PersistentLocalStack(own_root)
    with persistent.start() as localstack:
        localstack.create_role("any")
        client, sqs = localstack.client("stepfunctions"), localstack.client("sqs")
        queue = sqs.create_queue(QueueName="tokens")["QueueUrl"]
        logged = logging(localstack, "/aws/vendedlogs/states/kept")
        arn, execution, token = waiting(client, sqs, queue, **logged)
        other = run(client, machine(client, {"Type": "Pass"}, **logged))
    with persistent.start() as localstack:
        client = localstack.client("stepfunctions")
        assert client.describe_execution(executionArn=execution)["status"] == "ABORTED"
        assert client.describe_execution(executionArn=other)["status"] == "SUCCEEDED"
        with pytest.raises(client.exceptions.InvalidToken):
            client.send_task_success(taskToken=token, output="{}")
        again = client.start_execution(stateMachineArn=arn)["executionArn"]
        assert client.describe_execution(executionArn=again)["status"] == "RUNNING"
