"""Redrives by a move task of SQS and one by one."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations.dead_letters import DeadLetter, Reason
from darkroom.operations.redrive import (
    DeadLetterFilter,
    MoveTask,
    NoMoveTasksError,
    OneByOne,
)
from processor.change import Change
from tests.unit.darkroom.operations.stubs import (
    OUTPUTS,
    message,
    received,
    released,
)

QUEUE, DEAD = OUTPUTS["QueueUrl"], OUTPUTS["DeadLetterQueueUrl"]


def move_task(cloud: Cloud, rate: int | None = None) -> MoveTask:
    """Return a move task that polls without pauses."""
    return MoveTask(cloud, rate, sleep=lambda _: None)


@pytest.mark.parametrize(
    ("selection", "selects"),
    [
        (DeadLetterFilter(), True),
        (DeadLetterFilter(key="holiday/*.jpg"), True),
        (DeadLetterFilter(key="*.JPG"), False),
        (DeadLetterFilter(reason="ClientError"), True),
        (DeadLetterFilter(reason="malformed"), False),
        (DeadLetterFilter(id="m"), True),
        (DeadLetterFilter(id="n"), False),
        (DeadLetterFilter(key="*", reason="malformed"), False),
    ],
)
def test_filters(selection: DeadLetterFilter, *, selects: bool) -> None:
    """A message is selected if it matches every field."""
    change = Change("created", "holiday/a.jpg", "2026-05-01T12:00:00.000Z", "2")
    reason = Reason("ClientError", "SlowDown")
    letter = DeadLetter(message("{}"), change, None, reason)
    assert selection.selects(letter) is selects


def test_one_by_one_a_message_is_sent_before_it_is_deleted(cloud: Cloud, sqs: Stubber) -> None:
    """A message that is dead again at once is not moved again."""
    attributes: dict[str, Any] = {"Attributes": {"ApproximateNumberOfMessages": "2"}}
    sqs.add_response("get_queue_attributes", attributes | both_counts())
    sqs.add_response("get_queue_attributes", attributes)
    sqs.add_response("receive_message", received("1", "2"))
    for name in ("1", "2"):
        sqs.add_response(
            "send_message",
            {"MessageId": f"new-{name}"},
            {"QueueUrl": QUEUE, "MessageBody": "no JSON", "MessageAttributes": {}},
        )
        sqs.add_response("delete_message", {}, {"QueueUrl": DEAD, "ReceiptHandle": f"r-{name}"})
    sqs.add_response("receive_message", received("new-1"))
    sqs.add_response(*released("new-1"))
    reported: list[tuple[int, int | None]] = []
    mover = OneByOne(cloud, DeadLetterFilter(), 1_000_000)
    mover.run(lambda *counts: reported.append(counts))
    assert reported == [(1, 2), (2, 2)]
    assert mover.moved == 2


def both_counts() -> dict[str, Any]:
    """Return the attributes of a queue's depth."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return {"Attributes": dict.fromkeys(names, "2")}


OVER = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 99}


@pytest.fixture
def task(sqs: Stubber) -> Callable[..., None]:
    """Return a function that stubs the latest move task, or none."""

    def latest(**fields: Any) -> None:
        arn(sqs)
        sqs.add_response("list_message_move_tasks", {"Results": [fields] if fields else []})

    return latest


def arn(sqs: Stubber) -> None:
    """Stub a queue's ARN."""
    sqs.add_response("get_queue_attributes", {"Attributes": {"QueueArn": "arn:aws:sqs:r:1:q"}})


def start(sqs: Stubber, task: Callable[..., None]) -> None:
    """Stub the start of a task after an earlier one."""
    task(**OVER)
    arn(sqs)
    arn(sqs)
    sqs.add_response("start_message_move_task", {"TaskHandle": "h"})


def test_a_move_task_is_followed(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """Its counts are reported until it is completed, and those of the task before are not."""
    start(sqs, task)
    task(**OVER)
    counts = {"ApproximateNumberOfMessagesToMove": 9}
    task(Status="RUNNING", ApproximateNumberOfMessagesMoved=4, **counts)
    task(Status="COMPLETED", ApproximateNumberOfMessagesMoved=9, **counts)
    reported: list[tuple[int, int | None]] = []
    move_task(cloud, 5).run(lambda *counts: reported.append(counts))
    assert reported == [(4, 9), (9, 9)]


def test_a_running_task_is_joined(cloud: Cloud, task: Callable[..., None]) -> None:
    """SQS runs one task of a queue at a time: the command follows it."""
    task(Status="RUNNING", TaskHandle="h")
    task(Status="COMPLETED", ApproximateNumberOfMessagesMoved=2)
    mover = move_task(cloud)
    mover.run(lambda *_: None)
    assert mover.moved == 2


def test_ctrl_c_cancels_the_task(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """SQS stops, and returns how many messages it has moved."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    start(sqs, task)
    task(Status="RUNNING", ApproximateNumberOfMessagesMoved=4)
    sqs.add_response(
        "cancel_message_move_task", {"ApproximateNumberOfMessagesMoved": 5}, {"TaskHandle": "h"}
    )
    mover = move_task(cloud)
    with pytest.raises(KeyboardInterrupt):
        mover.run(interrupt)
    assert mover.moved == 5


def test_a_loop_ends_the_task(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """Messages that are dead again at once would keep the task running forever."""
    start(sqs, task)
    task(Status="RUNNING", ApproximateNumberOfMessagesMoved=30, ApproximateNumberOfMessagesToMove=2)
    sqs.add_response("cancel_message_move_task", {}, {"TaskHandle": "h"})
    mover = move_task(cloud)
    mover.run(lambda *_: None)
    assert mover.is_looping


def test_a_task_that_fails(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """The error has SQS's reason, and the number of moved messages."""
    start(sqs, task)
    task(Status="FAILED", ApproximateNumberOfMessagesMoved=3, FailureReason="AccessDenied")
    with pytest.raises(CommandError, match="after 3 messages: AccessDenied"):
        move_task(cloud).run(lambda *_: None)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InvalidAction", 400),
        ("UnknownOperation", 404),
        ("AWS.SimpleQueueService.UnsupportedOperation", 400),
        ("InternalFailure", 501),
    ],
)
def test_services_without_move_tasks(cloud: Cloud, sqs: Stubber, code: str, status: int) -> None:
    """They raise an error of their own: the messages are then moved one by one."""
    arn(sqs)
    sqs.add_client_error("list_message_move_tasks", code, http_status_code=status)
    with pytest.raises(NoMoveTasksError):
        move_task(cloud).run(lambda *_: None)
