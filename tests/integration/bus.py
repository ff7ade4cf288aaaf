"""Events of a deployed stack, in a queue of a test."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from darkroom.cloud import Cloud
from tests.queues import ServiceQueue, service_queue


class Inbox:
    """A queue that receives the events of a stack's bus."""

    def __init__(self, queue: ServiceQueue) -> None:
        self._queue = queue
        self._received: list[dict[str, Any]] = []

    def events(self) -> list[dict[str, Any]]:
        """Return the details of all events until now, in the order in which they were received."""
        while bodies := self._queue.take():
            for event in map(json.loads, bodies):
                assert event["source"] == "darkroom"
                assert event["detail-type"] == f"image.{event['detail']['status']}"
                self._received.append(event["detail"])
        return list(self._received)

    def of(self, key: str) -> list[dict[str, Any]]:
        """Return the details of a key's events, without those that were sent again."""
        return list({each["id"]: each for each in self.events() if each["key"] == key}.values())

    def statuses(self, key: str) -> list[str]:
        """Return the status of each event of a key, by version."""
        return [each["status"] for each in sorted(self.of(key), key=lambda each: each["time"])]


@contextmanager
def inbox(cloud: Cloud) -> Iterator[Inbox]:
    """Yield a queue that receives all events of a stack."""
    events: Any = boto3.client("events")
    name, bus = f"inbox-{uuid.uuid4().hex[:8]}", cloud.outputs["EventBus"]
    pattern = json.dumps({"source": ["darkroom"]})
    with service_queue("events") as queue:
        events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
        target = {"Id": "inbox", "Arn": queue.arn}
        events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
        try:
            yield Inbox(queue)
        finally:
            events.remove_targets(Rule=name, EventBusName=bus, Ids=["inbox"])
            events.delete_rule(Name=name, EventBusName=bus)
