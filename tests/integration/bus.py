"""Events of a deployed stack, in a queue of a test."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from darkroom.cloud import Cloud


class Inbox:
    """A queue that receives the events of a stack's bus."""

    def __init__(self, url: str) -> None:
        self._sqs: Any = boto3.client("sqs")
        self._url = url
        self._received: list[dict[str, Any]] = []

    def events(self) -> list[dict[str, Any]]:
        """Return the details of all events until now, in the order in which they were received."""
        while found := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                event = json.loads(message["Body"])
                assert event["source"] == "darkroom"
                assert event["detail-type"] == f"image.{event['detail']['status']}"
                self._received.append(event["detail"])
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return list(self._received)

    def of(self, key: str) -> list[dict[str, Any]]:
        """Return the details of a key's events, without those that were sent again."""
        return list({each["id"]: each for each in self.events() if each["key"] == key}.values())

    def statuses(self, key: str) -> list[str]:
        """Return the status of each event of a key, by version."""
        return [each["status"] for each in sorted(self.of(key), key=lambda each: each["time"])]


@contextmanager
def queue_for(service: str, source: str = "*") -> Iterator[tuple[str, str]]:
    """Yield the URL and the ARN of a queue that a service may send to.

    ``source`` is the ARN of the rule or topic that sends.
    """
    sqs: Any = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"inbox-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
        "Condition": {"ArnLike": {"aws:SourceArn": source}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    try:
        yield url, attributes["QueueArn"]
    finally:
        sqs.delete_queue(QueueUrl=url)


@contextmanager
def inbox(cloud: Cloud) -> Iterator[Inbox]:
    """Yield a queue that receives all events of a stack."""
    events: Any = boto3.client("events")
    name, bus = f"inbox-{uuid.uuid4().hex[:8]}", cloud.outputs["EventBus"]
    rule = events.put_rule(
        Name=name, EventBusName=bus, EventPattern=json.dumps({"source": ["darkroom"]})
    )["RuleArn"]
    with queue_for("events", rule) as (url, arn):
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "inbox", "Arn": arn}])
        try:
            yield Inbox(url)
        finally:
            events.remove_targets(Rule=name, EventBusName=bus, Ids=["inbox"])
            events.delete_rule(Name=name, EventBusName=bus)
