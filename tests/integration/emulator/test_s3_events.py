"""What S3 tells a queue about its objects."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.localstack import LocalStack
from tests.integration.waiting import wait_for


class Notified:
    """A bucket and the queue that hears of it."""

    def __init__(self, emulator: LocalStack, name: str) -> None:
        self.s3, self.sqs = emulator.client("s3"), emulator.client("sqs")
        self.bucket = name
        self.queue = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        self.s3.create_bucket(Bucket=name)
        self.s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "QueueArn": arn["Attributes"]["QueueArn"],
                        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                    }
                ]
            },
        )

    def records(self, count: int) -> list[dict[str, Any]]:
        """Return the records of the next events, in the order of their sequencers."""
        found: list[dict[str, Any]] = []

        def receive() -> bool:
            answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                found.extend(json.loads(message["Body"]).get("Records", []))
            return len(found) >= count

        wait_for(receive)
        return sorted(found, key=lambda record: int(record["s3"]["object"]["sequencer"], 16))


@pytest.fixture
def notified(emulator: LocalStack, request: pytest.FixtureRequest) -> Notified:
    """Give a bucket of the test's own with notifications."""
    return Notified(emulator, request.node.name.replace("_", "-")[:60])


def test_sequencers_grow(notified: Notified) -> None:
    """Of two events of one key, that of the later write or removal has the greater sequencer."""
    for body in (b"1", b"12", b"123", b"1234"):
        notified.s3.put_object(Bucket=notified.bucket, Key="key", Body=body)
    notified.s3.delete_object(Bucket=notified.bucket, Key="key")
    records = notified.records(5)
    assert len({record["s3"]["object"]["sequencer"] for record in records}) == 5
    assert [record["s3"]["object"].get("size") for record in records] == [1, 2, 3, 4, None]
    assert records[-1]["eventName"] == "ObjectRemoved:Delete"


def test_times_are_utc(notified: Notified) -> None:
    """The time of an event is what it says it is, whatever the machine's time zone."""
    before = datetime.now(UTC)
    notified.s3.put_object(Bucket=notified.bucket, Key="key", Body=b"")
    (record,) = notified.records(1)
    time = datetime.fromisoformat(record["eventTime"])
    assert abs((time - before).total_seconds()) < 30
