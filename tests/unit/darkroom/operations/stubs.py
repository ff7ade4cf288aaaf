"""A deployed pipeline whose services say what a test has them say."""

from typing import Any

import boto3

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import Letter, _letter
from processor.catalog.entries import Catalog

OUTPUTS = {
    "RawBucket": "raw",
    "ProcessedBucket": "processed",
    "CatalogTable": "table",
    "QueueUrl": "https://queue",
    "DeadLetterQueueUrl": "https://dead",
}


SENT = {"SentTimestamp": "1777636800000", "ApproximateReceiveCount": "4"}


def client(name: str) -> Any:
    """Give a client that no test lets out: it has to be stubbed."""
    return boto3.client(
        name,  # type: ignore[call-overload]
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def stubbed_cloud() -> Cloud:
    """Give a cloud of such clients."""
    cloud = Cloud(OUTPUTS)
    vars(cloud).update(
        sqs=client("sqs"), s3=client("s3"), catalog=Catalog(client("dynamodb"), "table")
    )
    return cloud


def received(*names: str, body: str = "no JSON") -> dict[str, Any]:
    """What SQS hands out: messages by their ids."""
    return {
        "Messages": [
            {"MessageId": name, "Body": body, "ReceiptHandle": f"r-{name}", "Attributes": SENT}
            for name in names
        ]
    }


def put_back(*names: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """How messages are made visible again."""
    entries = [
        {"Id": str(number), "ReceiptHandle": f"r-{name}", "VisibilityTimeout": 0}
        for number, name in enumerate(names)
    ]
    return (
        "change_message_visibility_batch",
        {"Successful": [], "Failed": []},
        {"QueueUrl": OUTPUTS["DeadLetterQueueUrl"], "Entries": entries},
    )


def letter(body: str) -> Letter:
    """A message with this body."""
    (message,) = received("m", body=body)["Messages"]
    return _letter(message)
