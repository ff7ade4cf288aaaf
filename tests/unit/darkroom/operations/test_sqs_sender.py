"""Requests for work that is to be done again: which, how many at a time, and where to resume."""

import shlex
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from darkroom.cloud import Cloud
from darkroom.operations import sqs_sender
from darkroom.operations.reprocess import Backfill
from darkroom.operations.sqs_sender import (
    Pace,
    SendError,
    send,
)
from processor.catalog.attributes import serialize
from processor.change import UNKNOWN_SEQUENCER
from processor.sqs.s3_events import read_message
from tests.unit.darkroom.operations.stubs import OUTPUTS

QUEUE = OUTPUTS["QueueUrl"]
THEN = datetime(2026, 5, 1, 12, tzinfo=UTC)
NEW = "00A1".ljust(32, "0")
ANY_BATCH = {"QueueUrl": QUEUE, "Entries": ANY}


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send again without waiting."""
    monkeypatch.setattr(sqs_sender, "FIRST_PAUSE", 0)


def batch(*bodies: tuple[str, str]) -> dict[str, Any]:
    """What is sent, by id and body."""
    return {
        "QueueUrl": QUEUE,
        "Entries": [{"Id": name, "MessageBody": body} for name, body in bodies],
    }


def answer(taken: str, failed: str = "", *, fault: bool = False) -> dict[str, Any]:
    """What SQS says of messages by their ids, a digit each."""
    return {
        "Successful": [{"Id": name, "MessageId": name, "MD5OfMessageBody": "x"} for name in taken],
        "Failed": [
            {"Id": name, "SenderFault": fault, "Code": "Throttled", "Message": "Slow down."}
            for name in failed
        ],
    }


def listing(*objects: tuple[str, str]) -> dict[str, Any]:
    """What S3 says of objects by key and ETag."""
    return {
        "IsTruncated": False,
        "Contents": [
            {"Key": key, "Size": 1, "ETag": f'"{etag}"', "LastModified": THEN}
            for key, etag in objects
        ],
    }


def test_what_the_queue_refused_is_sent_again(cloud: Cloud, sqs: Stubber) -> None:
    """Only the messages that failed go out once more, until none does."""
    sqs.add_response(
        "send_message_batch", answer("02", "1"), batch(("0", "a"), ("1", "b"), ("2", "c"))
    )
    sqs.add_response("send_message_batch", answer("", "1"), batch(("1", "b")))
    sqs.add_response("send_message_batch", answer("1"), batch(("1", "b")))
    send(cloud.sqs, QUEUE, ["a", "b", "c"])


def test_our_own_fault_is_not_repeated(cloud: Cloud, sqs: Stubber) -> None:
    """A message that SQS can never take ends the sending, with SQS's reason."""
    sqs.add_response("send_message_batch", answer("0", "1", fault=True), ANY_BATCH)
    with pytest.raises(SendError, match=r"refused 1 of 2 messages\. Throttled: Slow down"):
        send(cloud.sqs, QUEUE, ["a", "b"])


def test_patience_ends(cloud: Cloud, sqs: Stubber) -> None:
    """A queue that refuses again and again is given up on."""
    for _ in range(sqs_sender.ROUNDS):
        sqs.add_response("send_message_batch", answer("", "0"), ANY_BATCH)
    with pytest.raises(SendError, match="Slow down"):
        send(cloud.sqs, QUEUE, ["a"])


@pytest.mark.parametrize(("rate", "count"), [(0.1, 1), (3, 3), (10, 10), (500, 10)])
def test_a_slow_pace_sends_few_at_a_time(rate: float, count: int) -> None:
    """As many go out together as make a second's worth, and at most ten."""
    assert Pace(rate).at_once == count


def test_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first may go at once, the next when those before it have had their time."""
    clock, waits = [100.0], []

    def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))
        clock[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", sleep)
    pace = Pace(20)
    for _ in range(3):
        pace.wait(10)
    clock[0] += 60
    pace.wait(10)
    assert waits == [0.5, 0.5]


def test_requests_for_originals(cloud: Cloud, sqs: Stubber) -> None:
    """Each comes after what is known of its key: by the entry, or by renditions without one."""
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_response(
            "list_objects_v2",
            listing(("a b.jpg", "e"), ("b.jpg", "e")),
            {"Bucket": "raw", "Prefix": "", "StartAfter": "0"},
        )
        entry = {"filename": "a b.jpg", "sequencer": NEW, "etag": "e", "status": "done"}
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(entry)]}, "UnprocessedKeys": {}},
        )
        s3.add_response("list_objects_v2", listing(("processed/b.jpg/thumb.webp", "r")))
        s3.add_response("head_object", {"ETag": "e", "Metadata": {"sequencer": NEW}})
        sqs.add_response("send_message_batch", answer("01"), ANY_BATCH)
        sent: list[dict[str, Any]] = []
        cloud.sqs.meta.events.register(
            "provide-client-params.sqs.SendMessageBatch", lambda params, **_: sent.append(params)
        )
        backfill = Backfill(cloud, recipe="avatar", done_to="0")
        assert list(backfill.run()) == [None]
    changes = [read_message(each["MessageBody"], "raw")[0] for each in sent[0]["Entries"]]
    assert [(each.kind, each.key, each.recipe) for each in changes] == [
        ("requested", "a b.jpg", "avatar"),
        ("requested", "b.jpg", "avatar"),
    ]
    assert all(each.sequencer > NEW for each in changes)
    assert {each.time for each in changes} == {"2026-05-01T12:00:00.000Z"}
    assert (backfill.sent, backfill.looked_at, backfill.done_to) == (2, 2, "b.jpg")


def test_a_key_that_nothing_is_known_of(cloud: Cloud) -> None:
    """A request for it comes before every event of S3."""
    with Stubber(cloud.s3) as s3:
        s3.add_response("list_objects_v2", {"IsTruncated": False})
        assert cloud.newest_sequencer("a", None) == UNKNOWN_SEQUENCER


def test_only_what_failed(cloud: Cloud) -> None:
    """Originals that are done, or of which nothing is known, are passed over."""
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_response("list_objects_v2", listing(("a", "e"), ("b", "e"), ("c", "e")))
        entries = [{"filename": "a", "status": "done"}, {"filename": "b", "status": "failed"}]
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(each) for each in entries]}, "UnprocessedKeys": {}},
        )
        backfill = Backfill(cloud, failed=True)
        assert [original.key for original, _ in backfill.wanted()] == ["b"]
    assert backfill.looked_at == 3


def test_entries_that_dynamodb_left_out_are_asked_for_again(cloud: Cloud) -> None:
    """An answer may be incomplete; what is missing is in the next one."""

    def request(*keys: str) -> dict[str, Any]:
        wanted = [serialize({"filename": key}) for key in keys]
        return {"table": {"Keys": wanted, "ConsistentRead": True}}

    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        dynamodb.add_response(
            "batch_get_item",
            {
                "Responses": {"table": [serialize({"filename": "a"})]},
                "UnprocessedKeys": request("b"),
            },
            {"RequestItems": request("a", "b")},
        )
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize({"filename": "b"})]}, "UnprocessedKeys": {}},
            {"RequestItems": request("b")},
        )
        assert cloud.entries(["a", "b"]).keys() == {"a", "b"}


def test_where_to_resume_after_an_error(cloud: Cloud, sqs: Stubber) -> None:
    """The last key of the last batch that the queue has taken whole."""
    keys = [f"{number:02}" for number in range(25)]
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_response("list_objects_v2", listing(*((key, "e") for key in keys)))
        entries = [{"filename": key, "sequencer": NEW, "etag": "e"} for key in keys]
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(each) for each in entries]}, "UnprocessedKeys": {}},
        )
        sqs.add_response("send_message_batch", answer("0123456789"), ANY_BATCH)
        sqs.add_response("send_message_batch", answer("012345678", "9", fault=True), ANY_BATCH)
        backfill = Backfill(cloud, rate=1_000_000)
        with pytest.raises(SendError):
            list(backfill.run())
    assert backfill.done_to == "09"
    assert backfill.sent == 10


@pytest.mark.parametrize("key", ["a b.jpg", 'it\'s "q" $HOME `id` \\.jpg', "-x", "名前\n2", "!!"])
@pytest.mark.parametrize("prefix", ["", "holiday/", "-odd prefix"])
def test_the_command_that_resumes(cloud: Cloud, key: str, prefix: str) -> None:
    """A shell gives every word of it back as it was, whatever the keys are made of."""
    backfill = Backfill(cloud, prefix, "avatar", failed=True, rate=2.5, done_to=key)
    words = shlex.split(backfill.resume(".venv/bin/dark room", "mine"))
    dashes = ["--"] if prefix.startswith("-") else []
    assert words == [
        ".venv/bin/dark room", "reprocess", "--recipe", "avatar", "--failed", "--rate", "2.5",
        "--stack", "mine", "--start-after", key, *dashes, *filter(None, [prefix]),
    ]  # fmt: skip


def test_an_empty_bucket(cloud: Cloud) -> None:
    """Where there is no original, nothing is sent."""
    with Stubber(cloud.s3) as s3:
        s3.add_response("list_objects_v2", {"IsTruncated": False})
        assert list(Backfill(cloud).run()) == []
