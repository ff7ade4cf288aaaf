"""Backfills: which originals are requested, and where to resume."""

import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from darkroom.cloud import Cloud, Object
from darkroom.errors import CommandError
from darkroom.operations.reprocess import Backfill
from processor.catalog.attributes import serialize
from processor.sqs.s3_events import read_message
from tests.unit.darkroom.operations.stubs import OUTPUTS, listing, sent_response

NEW = "00A1".ljust(32, "0")
ANY_BATCH = {"QueueUrl": OUTPUTS["QueueUrl"], "Entries": ANY}


def original(key: str, etag: str = "e") -> Object:
    """Return an object of a bucket."""
    return Object(key, 1, etag, datetime(2026, 5, 1, 12, tzinfo=UTC))


def test_requests_for_originals(cloud: Cloud, sqs: Stubber) -> None:
    """Each supersedes the newest change of its key: in the entry, or in renditions without one."""
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_response(
            "list_objects_v2",
            listing(original("a b.jpg"), original("b.jpg")),
            {"Bucket": "raw", "Prefix": "", "StartAfter": "0"},
        )
        entry = {"filename": "a b.jpg", "sequencer": NEW, "etag": "e", "status": "done"}
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(entry)]}, "UnprocessedKeys": {}},
        )
        s3.add_response("list_objects_v2", listing(original("processed/b.jpg/thumb.webp", "r")))
        s3.add_response("head_object", {"ETag": "e", "Metadata": {"sequencer": NEW}})
        sqs.add_response("send_message_batch", sent_response("01"), ANY_BATCH)
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
    assert (backfill.sent, backfill.examined, backfill.done_to) == (2, 2, "b.jpg")


def test_only_failed_originals(cloud: Cloud) -> None:
    """Originals without an entry, or with another status, are skipped."""
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_response("list_objects_v2", listing(*map(original, "abc")))
        entries = [{"filename": "a", "status": "done"}, {"filename": "b", "status": "failed"}]
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(each) for each in entries]}, "UnprocessedKeys": {}},
        )
        backfill = Backfill(cloud, failed=True)
        assert [original.key for original, _ in backfill.selected()] == ["b"]
    assert backfill.examined == 3


def test_where_to_resume_after_an_error(cloud: Cloud, sqs: Stubber) -> None:
    """At the last key of the last batch that the queue took completely."""
    keys = [f"{number:02}" for number in range(25)]
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_response("list_objects_v2", listing(*map(original, keys)))
        entries = [{"filename": key, "sequencer": NEW, "etag": "e"} for key in keys]
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(each) for each in entries]}, "UnprocessedKeys": {}},
        )
        sqs.add_response("send_message_batch", sent_response("0123456789"), ANY_BATCH)
        sqs.add_response(
            "send_message_batch", sent_response("012345678", "9", fault=True), ANY_BATCH
        )
        backfill = Backfill(cloud, rate=1_000_000)
        with pytest.raises(CommandError):
            list(backfill.run())
    assert backfill.done_to == "09"
    assert backfill.sent == 10


@pytest.mark.parametrize(
    "key", ["a b.jpg", 'it\'s "q" $HOME `id` \\.jpg', "-x", "名前\n2", "!!", "it's\\\x1b[2J\u202e"]
)
@pytest.mark.parametrize("prefix", ["", "holiday/", "-odd prefix"])
def test_the_resume_command(cloud: Cloud, key: str, prefix: str) -> None:
    """A terminal prints it as it is, and a shell parses it into the original words, whatever
    characters the keys contain.
    """
    backfill = Backfill(cloud, prefix, "avatar", failed=True, rate=2.5, done_to=key)
    command = backfill.resume_command(".venv/bin/dark room", "mine")
    assert command.isprintable()
    script = f"printf '%s\\0' {command}"
    words = subprocess.check_output(["bash", "-c", script], text=True).split("\0")[:-1]
    dashes = ["--"] if prefix.startswith("-") else []
    assert words == [
        ".venv/bin/dark room", "reprocess", "--recipe", "avatar", "--failed", "--rate", "2.5",
        "--stack", "mine", "--start-after", key, *dashes, *filter(None, [prefix]),
    ]  # fmt: skip


def test_an_empty_bucket(cloud: Cloud) -> None:
    """Nothing is sent."""
    with Stubber(cloud.s3) as s3:
        s3.add_response("list_objects_v2", {"IsTruncated": False})
        assert list(Backfill(cloud).run()) == []
