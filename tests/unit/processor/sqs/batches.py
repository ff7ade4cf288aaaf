"""A batch whose pipeline and queue do as they are told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from processor.catalog.claims import Claim
from processor.change import Change
from processor.errors import BusyError, MalformedMessageError, PermanentError
from processor.pipeline.job import Job
from processor.sqs.batch import Batch
from processor.sqs.message import Delivery
from processor.telemetry.attempt import Attempt
from processor.telemetry.metrics import MetricsBuffer

Act = Callable[[Change], None]


@dataclass
class Recorder:
    """Plays the pipeline: does to each key what it is told to, and remembers in which order."""

    acts: dict[str, Act] = field(default_factory=dict)
    crashes: dict[str, int] = field(default_factory=dict)
    claimed: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    failed_in_advance: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pipeline = SimpleNamespace(
            settings=SimpleNamespace(raw_bucket="raw"),
            claims=SimpleNamespace(
                release=lambda claim, _reason: self.released.append(claim.change.key)
            ),
            refuse=lambda job, error: self.failed.append((job.claim.change.key, error.code)),
        )

    def claim(self, change: Change, delivery: Delivery) -> Job | None:
        """Claim anything but what is named so."""
        self.claimed.append(change.key)
        self.deliveries.append(delivery)
        if change.key == "nothing to do":
            return None
        if change.key == "busy":
            raise BusyError(40)
        if change.key == "malformed":
            raise MalformedMessageError("There is no such recipe.")
        claim = Claim(change, self.crashes.get(change.key, 0), is_first=True, entry={})
        return Job(claim, Attempt(change.key, change.sequencer), delivery.remaining)

    def complete(self, job: Job, _delivery: Delivery) -> None:
        """Do what is to be done with the key."""
        key = job.claim.change.key
        self.completed.append(key)
        if act := self.acts.get(key):
            act(job.claim.change)

    def fail_in_advance(self, job: Job, failure: PermanentError) -> None:
        """Remember."""
        self.failed_in_advance.append((job.claim.change.key, failure.code))


class Queue:
    """Remembers when messages are to be visible again."""

    def __init__(self) -> None:
        self.visible: dict[str, int] = {}
        self.is_broken = False

    def change_message_visibility(
        self,
        QueueUrl: str,  # noqa: N803
        ReceiptHandle: str,  # noqa: N803
        VisibilityTimeout: int,  # noqa: N803
    ) -> None:
        """ChangeMessageVisibility."""
        assert QueueUrl == "queue"
        if self.is_broken:
            raise RuntimeError("broken")
        self.visible[ReceiptHandle.removeprefix("receipt of ")] = VisibilityTimeout


def raises(error: BaseException) -> Act:
    """Something that goes wrong."""

    def act(_change: Change) -> None:
        raise error

    return act


def message(*keys: str, number: int = 1, sequencer: str = "1") -> dict[str, Any]:
    """What Lambda hands over for a message about these keys; its id is the first."""
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventTime": "2026-05-01T12:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": "raw"},
                "object": {"key": key, "size": 1, "eTag": "e", "sequencer": sequencer},
            },
        }
        for key in keys
    ]
    return raw(keys[0] + (sequencer if sequencer != "1" else ""), {"Records": records}, number)


def raw(name: str, body: object, number: int = 1) -> dict[str, Any]:
    """The same for any body."""
    return {
        "messageId": name,
        "receiptHandle": f"receipt of {name}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(number)},
    }


def run(
    deliveries: Recorder,
    queue: Queue,
    *messages: dict[str, Any],
    threads: int = 1,
    remaining: Callable[[], float] = lambda: 60.0,
    report: Callable[[MetricsBuffer], None] = lambda _metrics: None,
) -> list[str]:
    """Work on a batch; answers what is to come again."""
    batch = Batch(deliveries, queue, "queue", 3, remaining, threads, report)  # type: ignore[arg-type]
    return batch.run(messages)
