"""Redrives of messages from a dead-letter queue."""

import itertools
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .waiting import wait_for

_numbers = itertools.count()


class Queues:
    """A queue and its dead-letter queue."""

    def __init__(self, sqs: Any) -> None:
        self.sqs = sqs
        name = f"redrive-{next(_numbers)}"
        self.dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        self.dead_arn = self.attribute(self.dead, "QueueArn")
        policy = {"deadLetterTargetArn": self.dead_arn, "maxReceiveCount": 1}
        self.source = sqs.create_queue(
            QueueName=name,
            Attributes={"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(policy)},
        )["QueueUrl"]

    def attribute(self, queue: str, name: str) -> str:
        """Return a queue's attribute."""
        response = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
        return str(response["Attributes"][name])

    def waiting(self, queue: str) -> int:
        """Return how many messages wait in a queue."""
        return int(self.attribute(queue, "ApproximateNumberOfMessages"))

    def fill(self, count: int) -> None:
        """Let messages fail until they are in the dead-letter queue."""
        for start in range(0, count, 10):
            self.sqs.send_message_batch(
                QueueUrl=self.source,
                Entries=[
                    {"Id": f"{number}", "MessageBody": f"{number}"}
                    for number in range(start, min(start + 10, count))
                ],
            )
        wait_for(lambda: self.fails() and self.waiting(self.dead) == count)

    def fails(self) -> bool:
        """Receive messages without deleting them; return whether none were left."""
        response = self.sqs.receive_message(QueueUrl=self.source, MaxNumberOfMessages=10)
        return "Messages" not in response

    def move(self, **options: Any) -> str:
        """Start a redrive; return the task's handle."""
        response = self.sqs.start_message_move_task(SourceArn=self.dead_arn, **options)
        return str(response["TaskHandle"])

    def task(self) -> dict[str, Any]:
        """Return the last task."""
        (task,) = self.sqs.list_message_move_tasks(SourceArn=self.dead_arn)["Results"]
        return dict(task)

    def bodies(self) -> list[str]:
        """Receive and delete all messages; return their bodies, and check that all are new."""
        found: list[str] = []
        while True:
            response = self.sqs.receive_message(
                QueueUrl=self.source,
                MaxNumberOfMessages=10,
                VisibilityTimeout=60,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
            for message in response.get("Messages", []):
                assert message["Attributes"]["ApproximateReceiveCount"] == "1"
                found.append(message["Body"])
                self.sqs.delete_message(
                    QueueUrl=self.source, ReceiptHandle=message["ReceiptHandle"]
                )
            if "Messages" not in response:
                return found


@pytest.fixture
def queues(emulator: LocalStack) -> Queues:
    """Return a queue and its dead-letter queue."""
    return Queues(emulator.client("sqs"))


def test_a_redrive_moves_all_messages(queues: Queues) -> None:
    """Without a rate, hundreds of messages return to their source queue once, with a new receive
    count.
    """
    queues.fill(300)
    queues.move()
    wait_for(lambda: queues.task()["Status"] == "COMPLETED")
    task = queues.task()
    assert task["ApproximateNumberOfMessagesToMove"] == 300
    assert task["ApproximateNumberOfMessagesMoved"] == 300
    assert queues.waiting(queues.dead) == 0
    assert sorted(queues.bodies(), key=int) == [f"{number}" for number in range(300)]


def test_the_rate_limits_a_redrive(queues: Queues) -> None:
    """With a rate, at most that many messages move in a second."""
    queues.fill(30)
    began = time.monotonic()
    queues.move(MaxNumberOfMessagesPerSecond=20)
    wait_for(lambda: queues.task()["Status"] == "COMPLETED")
    assert time.monotonic() - began > 1.4
    assert queues.waiting(queues.source) == 30


def test_redriven_messages_are_new(queues: Queues) -> None:
    """A redriven message has a new ID and send time, and its old body and attributes."""
    attribute = {"color": {"DataType": "String", "StringValue": "red"}}
    options = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    queues.sqs.send_message(QueueUrl=queues.source, MessageBody="body", MessageAttributes=attribute)
    (before,) = queues.sqs.receive_message(QueueUrl=queues.source, **options)["Messages"]
    wait_for(lambda: queues.fails() and queues.waiting(queues.dead) == 1)
    queues.move()
    wait_for(lambda: queues.waiting(queues.source) == 1)
    (after,) = queues.sqs.receive_message(QueueUrl=queues.source, **options)["Messages"]
    assert after["MessageId"] != before["MessageId"]
    assert after["Body"] == "body"
    assert after["MessageAttributes"] == attribute
    old, new = before["Attributes"], after["Attributes"]
    assert int(new["SentTimestamp"]) > int(old["SentTimestamp"])
    first = "ApproximateFirstReceiveTimestamp"
    assert int(new[first]) > int(old[first])
    assert new["ApproximateReceiveCount"] == old["ApproximateReceiveCount"] == "1"
    assert new.keys() == old.keys()


def test_a_redrive_has_a_destination(queues: Queues, emulator: LocalStack) -> None:
    """A redrive with a destination moves the messages there."""
    queues.fill(3)
    other = Queues(emulator.client("sqs"))
    queues.move(DestinationArn=other.attribute(other.source, "QueueArn"))
    wait_for(lambda: queues.task()["Status"] == "COMPLETED")
    assert sorted(other.bodies()) == ["0", "1", "2"]
    assert queues.waiting(queues.source) == queues.waiting(queues.dead) == 0


def test_a_redrive_can_be_cancelled(queues: Queues) -> None:
    """A cancelled task leaves the remaining messages, and another task can be started."""
    queues.fill(30)
    handle = queues.move(MaxNumberOfMessagesPerSecond=1)
    wait_for(lambda: queues.task()["ApproximateNumberOfMessagesMoved"] >= 1)
    assert queues.task()["TaskHandle"] == handle
    with pytest.raises(ClientError, match="already a task running"):
        queues.move()
    moved = queues.sqs.cancel_message_move_task(TaskHandle=handle)
    assert moved["ApproximateNumberOfMessagesMoved"] >= 1
    wait_for(lambda: queues.task()["Status"] == "CANCELLED")
    back = queues.waiting(queues.source)
    assert 1 <= back < 30
    assert queues.waiting(queues.dead) == 30 - back
    queues.move()
    wait_for(lambda: queues.task()["Status"] == "COMPLETED")
    assert queues.waiting(queues.source) == 30


def test_only_dead_letter_queues_are_redriven(queues: Queues) -> None:
    """A queue that is not a dead-letter queue is refused."""
    with pytest.raises(ClientError, match="Dead Letter Queue"):
        queues.sqs.start_message_move_task(SourceArn=queues.attribute(queues.source, "QueueArn"))
