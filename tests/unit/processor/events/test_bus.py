"""Requests to EventBridge: their limits, failures and what is left out."""

import json
from typing import Any

import pytest

from processor.events import records
from processor.events.bus import MOST_BYTES, EventBus, detail_of
from processor.events.outcomes import Event, Rendition, event_id
from processor.events.records import EntryChange


class FakeEvents:
    """EventBridge, which refuses entries about some keys."""

    def __init__(self, *refused: str) -> None:
        self.requests: list[list[dict[str, Any]]] = []
        self._refused = refused

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (boto3's name)
        """PutEvents."""
        self.requests.append(Entries)
        details = [json.loads(each["Detail"]) for each in Entries]
        if "unavailable" in self._refused:
            raise OSError("unavailable")
        return {
            "Entries": [
                {"ErrorCode": "ThrottlingException"} if each["key"] in self._refused else {}
                for each in details
            ]
        }

    def keys(self) -> list[list[str]]:
        """Return the keys in each request."""
        return [[json.loads(each["Detail"])["key"] for each in some] for some in self.requests]


def change(number: int, status: str = "done", **fields: Any) -> EntryChange:
    """Return a change that commits an outcome of the key ``k<number>``."""
    new: Any = {
        "filename": f"k{number}",
        "status": status,
        "sequencer": "5",
        "updated": "2026-05-01T12:00:02.000Z",
        **fields,
    }
    return EntryChange(str(number), f"k{number}", None, new)


def bus(events: FakeEvents) -> EventBus:
    """Return a bus in that EventBridge."""
    return EventBus(events, "bus")  # type: ignore[arg-type]


def test_outcomes_are_sent_in_order_and_others_are_not() -> None:
    """Events are sent in the order of their changes, ten in a request."""
    events = FakeEvents()
    changes = [change(number, "done" if number % 2 else "processing") for number in range(30)]
    assert bus(events).publish(changes) is None
    assert events.keys() == [
        [f"k{n}" for n in range(1, 21, 2)],
        [f"k{n}" for n in range(21, 31, 2)],
    ]
    assert {each["DetailType"] for some in events.requests for each in some} == {"image.done"}


@pytest.mark.parametrize(
    ("refused", "failed", "requests"), [("k12", "12", 2), ("k3", "3", 1), ("unavailable", "0", 1)]
)
def test_a_failure_is_where_it_goes_on(refused: str, failed: str, requests: int) -> None:
    """The first event that failed is received again with all after it; no later request is sent."""
    events = FakeEvents(refused)
    assert bus(events).publish([change(number) for number in range(15)]) == failed
    assert len(events.requests) == requests


def test_requests_are_within_the_limit() -> None:
    """A request is within EventBridge's limit of bytes, whatever the events' sizes."""
    events = FakeEvents()
    recipe = "r" * 100_000
    assert bus(events).publish([change(number, recipe=recipe) for number in range(5)]) is None
    sizes = [sum(len(each["Detail"]) for each in some) for some in events.requests]
    assert len(sizes) == 3
    assert max(sizes) <= MOST_BYTES


def test_an_event_that_is_too_large_says_what_is_left_out() -> None:
    """Renditions are left out first, and the event says so."""
    rendition = Rendition("r", "é" * 500, 1, 1, 1, "image/webp", "e")
    event = Event(
        id="i", key="k", version="5", status="done", time="t", recipe="default",
        renditions=[rendition] * 200,
    )  # fmt: skip
    detail = json.loads(detail_of(event))
    assert "renditions" not in detail
    assert (detail["omitted"], detail["recipe"]) == (["renditions"], "default")
    assert "omitted" not in json.loads(detail_of(Event(**{**_fields(event), "renditions": None})))


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def test_every_consumer_gets_a_batch() -> None:
    """A batch goes on at the first change that any consumer has failed at."""
    seen: list[str] = []

    def consumer(failed: str | None) -> records.Consumer:
        def consume(changes: Any) -> str | None:
            seen.extend(each.key for each in changes)
            return failed

        return consume

    record = {
        "dynamodb": {
            "SequenceNumber": "9",
            "Keys": {"filename": {"S": "a"}},
            "NewImage": {"filename": {"S": "a"}, "status": {"S": "done"}},
        }
    }
    assert records.consume([record], [consumer(None), consumer("10"), consumer("9")]) == "9"
    assert records.consume([record], [consumer(None)]) is None
    assert seen == ["a"] * 4


class Killed(BaseException):
    """The function's process is killed."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(3))
def test_a_kill_at_each_request_loses_nothing(number: int, when: str) -> None:
    """A function that is killed at any request gets the batch again: each outcome is an event, and
    those that were sent twice have the same ID.
    """
    sent: list[str] = []
    requests = 0

    class Killing:
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (boto3's name)
            nonlocal requests
            requests += 1
            if requests == number + 1 and when == "before":
                raise Killed
            sent.extend(json.loads(each["Detail"])["id"] for each in Entries)
            if requests == number + 1:
                raise Killed
            return {"Entries": [{} for _ in Entries]}

    changes = [change(each) for each in range(25)]
    killed = EventBus(Killing(), "bus")  # type: ignore[arg-type]
    with pytest.raises(Killed):
        killed.publish(changes)
    before = set(sent)
    assert len(before) == min(25, 10 * (number + (when == "after")))
    assert killed.publish(changes) is None
    assert set(sent) == {event_id(each.key, "5", "done") for each in changes}
    assert before < set(sent) or len(before) == 25
