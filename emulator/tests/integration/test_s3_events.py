"""S3 event notifications in a queue."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from .localstack import LocalStack
from .waiting import wait_for


class Notified:
    """A bucket and the queue that receives its events."""

    def __init__(self, emulator: LocalStack, name: str) -> None:
        self.s3, self.sqs = emulator.client("s3"), emulator.client("sqs")
        self.bucket = name
        self.queue = emulator.create_queue(name)
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
            response = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            for message in response.get("Messages", []):
                found.extend(json.loads(message["Body"]).get("Records", []))
                handle = message["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=handle)
            return len(found) >= count

        wait_for(receive)
        return sorted(found, key=lambda record: int(record["s3"]["object"]["sequencer"], 16))


@pytest.fixture
def notified(emulator: LocalStack, request: pytest.FixtureRequest) -> Notified:
    """Return a bucket of the test's own with notifications."""
    return Notified(emulator, request.node.name.replace("_", "-")[:60])


def test_sequencers_increase(notified: Notified) -> None:
    """Of two events of one key, the later write's or delete's has the greater sequencer."""
    for body in (b"1", b"12", b"123", b"1234"):
        notified.s3.put_object(Bucket=notified.bucket, Key="key", Body=body)
    notified.s3.delete_object(Bucket=notified.bucket, Key="key")
    records = notified.records(5)
    assert len({record["s3"]["object"]["sequencer"] for record in records}) == 5
    assert [record["s3"]["object"].get("size") for record in records] == [1, 2, 3, 4, None]
    assert records[-1]["eventName"] == "ObjectRemoved:Delete"


def test_each_event_of_a_bulk_delete_has_a_sequencer(notified: Notified) -> None:
    """Each event of a bulk delete has its own sequencer, greater than that of the key's previous
    write and less than that of the next.
    """
    keys = [f"{number}" for number in range(30)]
    for body in (b"old", b"new!"):
        for key in keys:
            notified.s3.put_object(Bucket=notified.bucket, Key=key, Body=body)
        if body == b"old":
            notified.s3.delete_objects(
                Bucket=notified.bucket, Delete={"Objects": [{"Key": key} for key in keys]}
            )
    records = notified.records(3 * len(keys))
    assert len({record["s3"]["object"]["sequencer"] for record in records}) == 3 * len(keys)
    for key in keys:
        names = [
            (record["eventName"], record["s3"]["object"].get("size"))
            for record in records
            if record["s3"]["object"]["key"] == key
        ]
        deleted = ("ObjectRemoved:Delete", None)
        assert names == [("ObjectCreated:Put", 3), deleted, ("ObjectCreated:Put", 4)]


def test_sequencers_of_delete_markers(notified: Notified) -> None:
    """The creation of a delete marker, by either operation, and the deletion of a version are
    numbered with the writes.
    """
    notified.s3.put_bucket_versioning(
        Bucket=notified.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    place = {"Bucket": notified.bucket, "Key": "key"}
    version = notified.s3.put_object(**place, Body=b"1")["VersionId"]
    notified.s3.delete_object(**place)
    notified.s3.put_object(**place, Body=b"12")
    notified.s3.delete_objects(Bucket=notified.bucket, Delete={"Objects": [{"Key": "key"}]})
    notified.s3.delete_object(**place, VersionId=version)
    records = notified.records(5)
    assert len({record["s3"]["object"]["sequencer"] for record in records}) == 5
    assert [record["eventName"] for record in records] == [
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
    ]


def test_the_last_write_has_the_greatest_sequencer(notified: Notified) -> None:
    """With four concurrent writers by any operations, the event with the greatest sequencer is that
    of the final object.
    """
    place = {"Bucket": notified.bucket, "Key": "key"}
    form = notified.s3.generate_presigned_post(**place)

    def write(writer: int, number: int) -> None:
        body = f"{writer} {number}".encode()
        if writer:
            notified.s3.put_object(**place, Body=body)
        else:
            response = httpx.post(form["url"], data=form["fields"], files={"file": body})
            response.raise_for_status()

    for number in range(50):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4), [number] * 4))
        there = notified.s3.head_object(**place)["ETag"].strip('"')
        records = notified.records(4)
        assert len({record["s3"]["object"]["sequencer"] for record in records}) == 4
        assert records[-1]["s3"]["object"]["eTag"] == there


def test_times_are_utc(notified: Notified) -> None:
    """An event's time is UTC, in any time zone of the machine."""
    before = datetime.now(UTC)
    notified.s3.put_object(Bucket=notified.bucket, Key="key", Body=b"")
    (record,) = notified.records(1)
    time = datetime.fromisoformat(record["eventTime"])
    assert abs((time - before).total_seconds()) < 30
