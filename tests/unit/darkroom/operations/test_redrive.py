"""Dead letters go back to the queue: by SQS itself, or one by one."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Cloud
from darkroom.operations import redrive
from darkroom.operations.dead_letters import Dead, Reason
from darkroom.operations.redrive import (
    ByHand,
    MoveTask,
    NoMoveTasksError,
    RedriveError,
    Wanted,
)
from processor.change import Change
from tests.unit.darkroom.operations.stubs import (
    OUTPUTS,
    letter,
    put_back,
    received,
)

QUEUE, DEAD = OUTPUTS["QueueUrl"], OUTPUTS["DeadLetterQueueUrl"]


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again without waiting."""
    monkeypatch.setattr(redrive, "POLL_SECONDS", 0)


@pytest.mark.parametrize(
    ("wanted", "has"),
    [
        (Wanted(), True),
        (Wanted(key="holiday/*.jpg"), True),
        (Wanted(key="*.JPG"), False),
        (Wanted(reason="ClientError"), True),
        (Wanted(reason="malformed"), False),
        (Wanted(id="m"), True),
        (Wanted(id="n"), False),
        (Wanted(key="*", reason="malformed"), False),
    ],
)
def test_filters(wanted: Wanted, *, has: bool) -> None:
    """A message is moved if it is like everything that was asked for."""
    change = Change("created", "holiday/a.jpg", "2026-05-01T12:00:00.000Z", "2")
    reason = Reason("ClientError", "SlowDown")
    assert wanted.has(Dead(letter("{}"), change, None, reason)) is has


def test_by_hand_a_message_is_sent_before_it_is_deleted(cloud: Cloud, sqs: Stubber) -> None:
    """One that is dead again at once is not moved again."""
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
    sqs.add_response(*put_back("new-1"))
    reported: list[tuple[int, int | None]] = []
    mover = ByHand(cloud, Wanted(), 1_000_000)
    mover.run(lambda *counts: reported.append(counts))
    assert reported == [(1, 2), (2, 2)]
    assert mover.moved == 2


def both_counts() -> dict[str, Any]:
    """What SQS says of a queue's depth."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return {"Attributes": dict.fromkeys(names, "2")}


OVER = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 99}


@pytest.fixture
def task(sqs: Stubber) -> Callable[..., None]:
    """Give a way to have SQS tell of a move task, or of none."""

    def tell(**fields: Any) -> None:
        arn(sqs)
        sqs.add_response("list_message_move_tasks", {"Results": [fields] if fields else []})

    return tell


def arn(sqs: Stubber) -> None:
    """Have SQS tell the name of a queue."""
    sqs.add_response("get_queue_attributes", {"Attributes": {"QueueArn": "arn:aws:sqs:r:1:q"}})


def start(sqs: Stubber, task: Callable[..., None]) -> None:
    """Have SQS start a task where an earlier one is over."""
    task(**OVER)
    arn(sqs)
    arn(sqs)
    sqs.add_response("start_message_move_task", {"TaskHandle": "h"})


def test_a_move_task_is_followed(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """Its figures are told until it is complete, and not those of the one before."""
    start(sqs, task)
    task(**OVER)
    counts = {"ApproximateNumberOfMessagesToMove": 9}
    task(Status="RUNNING", ApproximateNumberOfMessagesMoved=4, **counts)
    task(Status="COMPLETED", ApproximateNumberOfMessagesMoved=9, **counts)
    reported: list[tuple[int, int | None]] = []
    MoveTask(cloud, 5).run(lambda *figures: reported.append(figures))
    assert reported == [(4, 9), (9, 9)]


def test_a_task_that_runs_already_is_joined(cloud: Cloud, task: Callable[..., None]) -> None:
    """SQS allows one task at a time: the command follows the one that there is."""
    task(Status="RUNNING", TaskHandle="h")
    task(Status="COMPLETED", ApproximateNumberOfMessagesMoved=2)
    mover = MoveTask(cloud, None)
    mover.run(lambda *_: None)
    assert mover.moved == 2


def test_ctrl_c_cancels_the_task(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """SQS stops, and says how many it has moved."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    start(sqs, task)
    task(Status="RUNNING", ApproximateNumberOfMessagesMoved=4)
    sqs.add_response(
        "cancel_message_move_task", {"ApproximateNumberOfMessagesMoved": 5}, {"TaskHandle": "h"}
    )
    mover = MoveTask(cloud, None)
    with pytest.raises(KeyboardInterrupt):
        mover.run(interrupt)
    assert mover.moved == 5


def test_messages_that_come_back_end_the_task(
    cloud: Cloud, sqs: Stubber, task: Callable[..., None]
) -> None:
    """What is dead again as soon as it is moved would keep SQS at it for ever."""
    start(sqs, task)
    task(Status="RUNNING", ApproximateNumberOfMessagesMoved=30, ApproximateNumberOfMessagesToMove=2)
    sqs.add_response("cancel_message_move_task", {}, {"TaskHandle": "h"})
    mover = MoveTask(cloud, None)
    mover.run(lambda *_: None)
    assert mover.comes_back


def test_a_task_that_fails(cloud: Cloud, sqs: Stubber, task: Callable[..., None]) -> None:
    """The error has SQS's reason, and how far it came."""
    start(sqs, task)
    task(Status="FAILED", ApproximateNumberOfMessagesMoved=3, FailureReason="AccessDenied")
    with pytest.raises(RedriveError, match="after 3 messages: AccessDenied"):
        MoveTask(cloud, None).run(lambda *_: None)


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
    """They are told from those that fail, so that the messages can be moved by hand."""
    arn(sqs)
    sqs.add_client_error("list_message_move_tasks", code, http_status_code=status)
    with pytest.raises(NoMoveTasksError):
        MoveTask(cloud, None).run(lambda *_: None)
