"""Expiries: which failures have one, when it comes, and failures to request it."""

from typing import Any

import pytest

from processor.catalog.entries import Entry
from processor.change import UNKNOWN_SEQUENCER, Change
from processor.events.records import EntryChange
from processor.sqs.expiries import LONGEST_DELAY, Expiries
from processor.sqs.s3_events import read_message
from tests.unit.processor.clouds import error

NOW = 1000.0
FAILURE = {"code": "too-costly", "message": "m"}
IN_ADVANCE = {"status": "processing", "lease": NOW + 60, "in_advance": FAILURE}


class FakeQueue:
    """SQS, which remembers the messages."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **message: Any) -> None:
        """SendMessage."""
        self.sent.append(message)


@pytest.fixture
def queue() -> FakeQueue:
    """Return an empty queue."""
    return FakeQueue()


def change(number: int, **fields: Any) -> EntryChange:
    """Return a write of the entry ``a b<number>``."""
    entry: Any = {
        "filename": f"a b{number}",
        "sequencer": "5.1",
        "timestamp": "2026-05-01T12:00:00.000Z",
        **fields,
    }
    return EntryChange(str(number), entry["filename"], None, entry)


def request(queue: FakeQueue, *changes: EntryChange) -> str | None:
    """Request the expiries of changes, at a time that stands still."""
    return Expiries(queue, "queue", "raw", lambda: NOW).request(changes)  # type: ignore[arg-type]


def test_a_failure_in_advance_expires_after_its_lease(queue: FakeQueue) -> None:
    """The message names the key, and arrives when the lease is over."""
    assert request(queue, change(1, **IN_ADVANCE)) is None
    (message,) = queue.sent
    assert (message["QueueUrl"], message["DelaySeconds"]) == ("queue", 61)
    assert read_message(message["MessageBody"], "raw") == [
        Change("expired", "a b1", "2026-05-01T12:00:00.000Z", UNKNOWN_SEQUENCER)
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "processing", "lease": NOW + 60},
        {"status": "done"},
        {"status": "failed", "error": FAILURE, "retry": FAILURE},
        {"status": "done", "failed_request": FAILURE},
    ],
)
def test_other_writes_have_no_expiry(queue: FakeQueue, fields: dict[str, Any]) -> None:
    """Attempts in progress, outcomes, and failures that are complete."""
    assert request(queue, change(1, **fields)) is None
    assert queue.sent == []


def test_a_deleted_entry_has_no_expiry(queue: FakeQueue) -> None:
    """Its failure is gone with it."""
    old: Entry = change(1, **IN_ADVANCE).new or pytest.fail("there is an entry")
    assert request(queue, EntryChange("1", "a b1", old, None)) is None
    assert queue.sent == []


@pytest.mark.parametrize(
    ("lease", "delay"), [(NOW - 100, 0), (NOW + 0.2, 2), (NOW + 5000, LONGEST_DELAY)]
)
def test_delays_are_within_the_limits(queue: FakeQueue, lease: float, delay: int) -> None:
    """A lease that is over expires at once, and a long one after the longest delay, again."""
    request(queue, change(1, **{**IN_ADVANCE, "lease": lease}))
    assert queue.sent[0]["DelaySeconds"] == delay


def test_what_was_not_requested_is_received_again(
    queue: FakeQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first change on whose message SQS refuses; those before are sent."""
    send = queue.send_message

    def refuse(**message: Any) -> None:
        if "a+b2" in message["MessageBody"]:
            raise error("ThrottlingException")
        send(**message)

    monkeypatch.setattr(queue, "send_message", refuse)
    changes = [change(number, **IN_ADVANCE) for number in (1, 2, 3)]
    assert request(queue, *changes) == "2"
    assert len(queue.sent) == 1
