"""Queues that a service of the cloud may send messages to, for tests and benchmarks."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class ServiceQueue:
    """A queue that a service may send messages to."""

    sqs: "SQSClient"
    url: str
    arn: str

    def take(self, seconds: int = 0) -> list[str]:
        """Receive up to ten messages, delete them, and return their bodies.

        Waits up to ``seconds`` for the first one.
        """
        messages = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=seconds
        ).get("Messages", [])
        for each in messages:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in messages]


@contextmanager
def service_queue(service: str) -> Iterator[ServiceQueue]:
    """Yield a queue that a service, such as ``events``, may send to; delete it at the end."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"{service}-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    send = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    try:
        yield ServiceQueue(sqs, url, attributes["QueueArn"])
    finally:
        sqs.delete_queue(QueueUrl=url)
