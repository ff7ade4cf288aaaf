"""A deployed pipeline of stubbed clients."""

from typing import Any, cast

import boto3

from darkroom.cloud import Cloud, Object
from darkroom.operations.dead_letters import Message
from processor.catalog.entries import Catalog, Entry

OUTPUTS = {
    "RawBucket": "raw",
    "UndeleteDays": "0",
    "DeleteOriginal": "off",
    "OriginalsRetention": "0",
    "ProcessedBucket": "processed",
    "CatalogTable": "table",
    "IndexTable": "index",
    "QueueUrl": "https://queue",
    "DeadLetterQueueUrl": "https://dead",
}


TIMINGS = {
    "queue": 50,
    "claim": 10,
    "fetch": 20,
    "wait": 0,
    "render": 200,
    "decode": 40,
    "store": 5,
}

TRACED = cast(
    "Entry",
    {
        "filename": "a.jpg",
        "status": "done",
        "timestamp": "2027-01-15T08:00:00.000Z",
        "sequencer": "7",
        "correlation_id": "c" * 32,
        "timings": TIMINGS,
        "renditions": [
            {"name": "thumb", "at": 120, "ms": 80, "width": 3, "height": 2, "type": "image/webp"},
            {"name": "web", "at": 40, "ms": 80, "width": 6, "height": 4, "type": "image/jpeg"},
        ],
    },
)
"""An image of two renditions, uploaded at 2027-01-15T08:00:00Z."""

SENT = {"SentTimestamp": "1777636800000", "ApproximateReceiveCount": "4"}


def client(name: str) -> Any:
    """Return a client that sends no request: it has to be stubbed."""
    return boto3.client(
        name,  # type: ignore[call-overload]
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def stubbed_cloud() -> Cloud:
    """Return a cloud of such clients."""
    cloud = Cloud(OUTPUTS)
    vars(cloud).update(
        sqs=client("sqs"), s3=client("s3"), catalog=Catalog(client("dynamodb"), "table")
    )
    return cloud


def received(*names: str, body: str = "no JSON") -> dict[str, Any]:
    """Return a response of ReceiveMessage with these ids."""
    return {
        "Messages": [
            {"MessageId": name, "Body": body, "ReceiptHandle": f"r-{name}", "Attributes": SENT}
            for name in names
        ]
    }


def released(*names: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the operation, response and parameters that make messages visible again."""
    entries = [
        {"Id": str(number), "ReceiptHandle": f"r-{name}", "VisibilityTimeout": 0}
        for number, name in enumerate(names)
    ]
    return (
        "change_message_visibility_batch",
        {"Successful": [], "Failed": []},
        {"QueueUrl": OUTPUTS["DeadLetterQueueUrl"], "Entries": entries},
    )


def message(body: str) -> Message:
    """Return a message with this body."""
    (received_message,) = received("m", body=body)["Messages"]
    return Message.of(received_message)


def listing(*objects: Object) -> dict[str, Any]:
    """Return a response of ListObjectsV2."""
    return {
        "IsTruncated": False,
        "Contents": [
            {
                "Key": each.key, "Size": each.size, "ETag": f'"{each.etag}"',
                "LastModified": each.modified,
            }
            for each in objects
        ],
    }  # fmt: skip


def sent_response(taken: str, failed: str = "", *, fault: bool = False) -> dict[str, Any]:
    """Return a response of SendMessageBatch; ids are digits."""
    return {
        "Successful": [{"Id": name, "MessageId": name, "MD5OfMessageBody": "x"} for name in taken],
        "Failed": [
            {"Id": name, "SenderFault": fault, "Code": "Throttled", "Message": "Slow down."}
            for name in failed
        ],
    }
