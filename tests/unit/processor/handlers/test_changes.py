"""The Lambda entry point of the catalog's stream."""

import importlib
import json
import sys
from itertools import chain
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from processor.catalog.attributes import serialize
from processor.catalog.feed import Feed, Position
from processor.catalog.index import Index
from processor.errors import MalformedMessageError
from processor.events.bus import EventBus
from processor.events.feed_writer import FeedWriter
from processor.events.index_writer import IndexWriter
from processor.events.variants import VariantEvents
from processor.sqs.expiries import Expiries
from processor.storage.variants import Variants
from tests.notifications import notification
from tests.unit.processor.catalog.index_table import IndexTable
from tests.unit.processor.clouds import FakeS3, Stored, error
from tests.unit.processor.events.test_bus import FakeEvents
from tests.unit.processor.sqs.test_expiries import FakeQueue
from tests.unit.processor.test_settings import CHANGES

CONTEXT = SimpleNamespace(aws_request_id="request")


def record(number: int, status: str, **fields: Any) -> dict[str, Any]:
    """Return the record of a write that creates the entry ``k<number>``."""
    entry = {
        "filename": f"k{number}",
        "status": status,
        "sequencer": "5",
        "timestamp": "2026-05-01T12:00:00.000Z",
        "updated": "2026-05-01T12:00:02.000Z",
        **fields,
    }
    return {
        "dynamodb": {
            "SequenceNumber": f"{number:021}",
            "Keys": {"filename": {"S": entry["filename"]}},
            "NewImage": serialize(entry),
        }
    }


class Stack:
    """The handler's module, imported as Lambda imports it, and what it writes to."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.events, self.queue, self.table = FakeEvents(), FakeQueue(), IndexTable()

    def handle(self, *records: dict[str, Any]) -> list[str]:
        """Handle a batch; return the records from which on it is received again."""
        self.module.consumers = (  # type: ignore[attr-defined]
            EventBus(self.events, "bus").publish,  # type: ignore[arg-type]
            Expiries(self.queue, "queue", "raw").request,  # type: ignore[arg-type]
            FeedWriter(Feed(self.table, "index")).write,  # type: ignore[arg-type]
            IndexWriter(Index(self.table, "index")).write,  # type: ignore[arg-type]
        )
        response = self.module.handler({"Records": list(records)}, CONTEXT)
        return [each["itemIdentifier"] for each in response["batchItemFailures"]]

    @property
    def told(self) -> tuple[list[str], list[str], list[str], list[str]]:
        """The keys of events, of expiries, of the feed and of the index, in order."""
        feed = Feed(self.table, "index").after(Position(0, 0), 100)  # type: ignore[arg-type]
        bodies = [json.loads(each["MessageBody"]) for each in self.queue.sent]
        return (
            list(chain(*self.events.keys())),
            [each["Records"][0]["s3"]["object"]["key"] for each in bodies],
            [each.key for each in feed],
            sorted(term.removeprefix("word#") for term in self.table.terms if "word#" in term),
        )


def imported(monkeypatch: pytest.MonkeyPatch, **settings: str) -> ModuleType:
    """Return the handler's module, as it is imported with some settings."""
    for name, value in {**CHANGES, "AWS_DEFAULT_REGION": "us-east-1", **settings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "processor.handlers.changes", raising=False)
    return importlib.import_module("processor.handlers.changes")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Return the entry point of an empty stack."""
    return Stack(imported(monkeypatch))


def test_the_consumers_have_the_settings(stack: Stack) -> None:
    """Bus, queue, bucket and table are those that the environment names."""
    bus, expiries, feed, index = (each.__self__ for each in stack.module.consumers)
    assert bus.name == CHANGES["EVENT_BUS"]
    assert (expiries.queue_url, expiries.raw_bucket) == (
        CHANGES["QUEUE_URL"],
        CHANGES["RAW_BUCKET"],
    )
    assert feed.feed.table == index.index.table == CHANGES["INDEX_TABLE"]


def test_a_batch_is_told_to_all(stack: Stack) -> None:
    """An outcome is an event; every visible change is in feed and index; a failure in advance is
    no event, and has its expiry requested.
    """
    failure = {"code": "too-costly", "message": "m"}
    in_advance = record(3, "processing", lease=2000, in_advance=failure)
    assert stack.handle(record(1, "processing"), record(2, "done"), in_advance) == []
    assert stack.told == (["k2"], ["k3"], ["k1", "k2", "k3"], ["k1", "k2", "k3"])


@pytest.mark.parametrize("name", ["events", "queue", "feed", "index"])
def test_a_failure_has_the_rest_received_again(
    stack: Stack, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first record that one of them has failed at is returned; the others get all records. When
    it is received again, all are told.
    """
    in_advance = record(2, "processing", lease=2000, in_advance={"code": "c", "message": "m"})
    records = [record(1, "done"), in_advance, record(3, "done")]
    failed = {"events": 3, "queue": 2, "feed": 1, "index": 1}[name]

    def fail(**_: Any) -> None:
        raise error("ThrottlingException")

    with monkeypatch.context() as broken:
        broken.setattr(stack, "events", FakeEvents(*["k3"] * (name == "events")))
        target, operation = {
            "events": (stack.queue, ""),
            "queue": (stack.queue, "send_message"),
            "feed": (stack.table, "transact_write_items"),
            "index": (stack.table, "batch_write_item"),
        }[name]
        if operation:
            broken.setattr(target, operation, fail)
        assert stack.handle(*records) == [f"{failed:021}"]
    assert stack.handle(*records[failed - 1 :]) == []
    events, expiries, feed, index = map(set, stack.told)
    assert (expiries, feed, index) == ({"k2"}, {"k1", "k2", "k3"}, {"k1", "k2", "k3"})
    assert "k3" in events


class Notified(Stack):
    """The handler's module of a stack with VariantEvents."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module)
        self.s3 = FakeS3()
        variants = Variants(self.s3, "processed")  # type: ignore[arg-type]
        bus = EventBus(self.events, "bus")  # type: ignore[arg-type]
        module.variant_events = VariantEvents(variants, bus)  # type: ignore[attr-defined]

    def notify(self, bucket: str = "processed", key: str = "variants/a/w_40.webp") -> None:
        """Handle S3's notification of a variant."""
        variant = Stored(b"x", {"version": "5 o"})
        self.s3.objects[bucket, key] = variant
        etag = variant.etag.strip('"')
        assert self.module.handler(notification(bucket, key, etag), CONTEXT) is None


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> Notified:
    """Return the entry point of an empty stack with VariantEvents."""
    return Notified(imported(monkeypatch, PROCESSED_BUCKET="processed"))


def test_a_notification_is_told_from_a_record(notified: Notified) -> None:
    """A stored variant has an event; the stream's records have theirs."""
    notified.notify()
    notified.handle(record(1, "done"))
    assert notified.events.keys() == [["a"], ["k1"]]


@pytest.mark.parametrize(
    "event",
    [{}, {"Records": None}, {"Records": [{}]}, {"Records": [{"eventVersion": "3.0"}]}],
)
def test_a_malformed_notification_is_an_error(notified: Notified, event: Any) -> None:
    """Lambda keeps it, after it has tried again."""
    with pytest.raises(MalformedMessageError):
        notified.module.handler(event, CONTEXT)


def test_a_notification_of_another_bucket_is_an_error(notified: Notified) -> None:
    """Only the bucket of renditions has variants."""
    with pytest.raises(MalformedMessageError, match="other"):
        notified.notify(bucket="other")


def test_the_test_event_of_s3_is_none(notified: Notified) -> None:
    """S3 may send it when the notification is configured."""
    assert notified.module.handler({"Event": "s3:TestEvent"}, CONTEXT) is None
    assert notified.events.requests == []


def test_a_late_notification_is_ignored(stack: Stack) -> None:
    """VariantEvents has been turned off since."""
    event = notification("processed", "variants/a/w_40.webp")
    assert stack.module.handler(event, CONTEXT) is None
    assert stack.events.requests == []


def test_an_error_of_a_record_fails_the_invocation(stack: Stack) -> None:
    """Lambda halves the batch until it is alone: nothing is acknowledged."""
    broken = record(1, "done")
    del broken["dynamodb"]["Keys"]
    with pytest.raises(KeyError):
        stack.handle(broken)
