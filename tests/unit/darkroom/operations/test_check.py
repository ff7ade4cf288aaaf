"""Whether originals, catalog and renditions fit together."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Listed
from darkroom.operations.consistency import (
    Comparison,
    Fault,
    Findings,
    Known,
    check,
    split,
)
from darkroom.operations.repair import requests, settled
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.sqs.s3_events import read_message
from tests.unit.darkroom.operations.stubs import stubbed_cloud

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()
GRACE = 60
IDLE = {"waiting": 0, "in flight": 0, "dead": 0}


def original(key: str, etag: str = "e", age: float = 3600) -> Listed:
    """An object of the raw bucket, uploaded so many seconds ago."""
    return Listed(key, 9, etag, datetime.fromtimestamp(NOW - age, UTC))


def stored(target: str, size: int = 5, etag: str = "r") -> Listed:
    """An object of the processed bucket."""
    return Listed(target, size, etag, datetime.fromtimestamp(NOW, UTC))


def entry(key: str = "a", **fields: Any) -> Entry:
    """An entry that fits ``original(key)`` and one rendition, where nothing else is said."""
    rendition = {"key": f"processed/{key}/web.jpg", "bytes": 5, "etag": "r"}
    return {
        "filename": key, "status": "done", "etag": "e", "sequencer": "1", "owner": "o",
        "updated": "2026-05-01T11:00:00.000Z", "renditions": [rendition],
        **fields,  # type: ignore[typeddict-item]
    }  # fmt: skip


def compare(*things: Entry | Listed) -> Comparison:
    """What is found of these entries and objects."""
    comparison = Comparison()
    for each in things:
        if not isinstance(each, Listed):
            comparison.entries[each["filename"]] = Known.of(each)
        elif each.key.startswith("processed/"):
            comparison.add_stored(each)
        else:
            comparison.add_original(each)
    return comparison


WEB = stored("processed/a/web.jpg")


def name(value: object) -> str:
    """Name a case by what is to be found."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value) or "nothing"
    return "case" if isinstance(value, list) else str(value)


@pytest.mark.parametrize(
    ("things", "faults"),
    [
        ([], []),
        ([entry(), original("a"), WEB], []),
        ([entry(status="deleted", renditions=[])], []),
        ([entry(status="failed", renditions=[]), original("a")], []),
        ([entry(status="processing", lease=NOW + 9), original("a", "other")], []),
        ([entry(status="processing", lease=NOW + 9), original("a"), WEB], []),
        # A request was the first to tell of the original, so that its ETag is not known.
        ([entry(status="failed", renditions=[], etag=None), original("a")], []),
        ([original("a")], ["no-entry a uploaded 2026-05-01T11:00:00.000Z"]),
        (
            [entry(status="deleted", renditions=[]), original("a")],
            ["no-entry a uploaded 2026-05-01T11:00:00.000Z; the entry says deleted"],
        ),
        ([entry(), WEB], ["no-original a the entry says done"]),
        ([entry(status="failed", renditions=[])], ["no-original a the entry says failed"]),
        (
            [entry(status="processing", lease=NOW - 1200), original("a")],
            ["stuck a its lease ended 20 min ago"],
        ),
        (
            [entry(status="processing"), original("a")],
            ["stuck a no attempt is at work; the last one ended 60 min ago"],
        ),
        ([entry(), original("a", "new"), WEB], ["stale a the entry is of e, not new"]),
        ([entry(), original("a")], ["missing a web.jpg"]),
        (
            [entry(), original("a"), stored(WEB.key, 7000)],
            ["missing a web.jpg has 7,000 bytes instead of 5"],
        ),
        (
            [entry(), original("a"), stored(WEB.key, etag="other")],
            ["missing a web.jpg has other bytes than the entry tells"],
        ),
        # What a failed request has left is as it should be; one that may still be at work, too.
        ([entry(failed_request={}), original("a"), WEB], []),
        ([entry(failed_request={}, published={}, lease=NOW + 9), original("a"), WEB], []),
        ([entry(), original("a"), WEB, stored("processed/a/old.webp")], ["orphan a old.webp"]),
        (
            [entry(status="failed", renditions=[]), original("a"), WEB],
            ["orphan a web.jpg"],
        ),
        ([entry(status="deleted", renditions=[]), WEB], ["orphan a web.jpg"]),
        ([stored("processed/a/b/x.webp")], ["orphan a/b x.webp"]),
        ([stored("processed/x.webp")], ["orphan  x.webp (to no original: remove it by hand)"]),
        # The renditions of "a/b" are no business of "a".
        ([entry(), original("a"), WEB, stored("processed/a/b/x")], ["orphan a/b x"]),
    ],
    ids=name,
)  # fmt: skip
def test_what_does_not_fit(things: list[Entry | Listed], faults: list[str]) -> None:
    """Each kind of fault is found, with what exactly is wrong, and nothing else is."""
    found = compare(*things).faults(NOW)
    assert [f"{each.kind} {each.key} {each.detail}" for each in found] == faults


def test_faults_are_in_the_order_of_the_buckets() -> None:
    """S3 lists keys by their bytes in UTF-8, in which an emoji comes after all other letters."""
    found = compare(*map(original, ["🎞", "\ufb01", "b", "B", "a/b", "a-b"])).faults(NOW)
    assert [each.key for each in found] == ["B", "a-b", "a/b", "b", "\ufb01", "🎞"]


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("processed/a.jpg/thumb.webp", ("a.jpg", "thumb.webp")),
        ("processed/a/b/c.jpg/thumb.webp", ("a/b/c.jpg", "thumb.webp")),
        ("processed//a//x", ("/a/", "x")),
        ("processed/processed/a/x", ("processed/a", "x")),
        ("processed/a/", ("a", "")),
        ("processed/x", ("", "x")),
    ],
)
def test_whose_rendition_it_is(target: str, parts: tuple[str, str]) -> None:
    """The original's key is all between the first folder and the last slash."""
    assert split(target) == parts


UPLOAD = [entry(status="deleted", renditions=[]), original("a")]
FRESH = [original("a", age=GRACE - 1)]
DYING = [entry(status="processing", lease=NOW - 60), original("a")]
DEAD = [entry(status="processing", lease=NOW - 1200), original("a")]


@pytest.mark.parametrize(
    ("things", "is_busy", "under_way"),
    [
        (UPLOAD, False, False),
        (UPLOAD, True, True),
        (FRESH, False, True),
        (DYING, False, False),
        (DYING, True, True),
        (DEAD, True, False),
        ([entry(), WEB], False, False),
        ([entry(), WEB], True, True),
        ([entry(lease=NOW + 1), WEB], False, True),
        ([entry(), original("a")], True, False),
        ([stored("processed/a/x")], True, False),
    ],
    ids=name,
)  # fmt: skip
def test_work_that_is_under_way_is_no_fault(
    things: list[Entry | Listed], *, is_busy: bool, under_way: bool
) -> None:
    """A message in the queue, a living lease or a fresh upload explain what they can explain."""
    comparison = compare(*things)
    (fault,) = comparison.faults(NOW)
    assert comparison.is_under_way(fault, NOW, GRACE, is_busy=is_busy) is under_way


def objects(*listed: Listed) -> dict[str, Any]:
    """What S3 answers when it is asked for a bucket's objects."""
    return {
        "IsTruncated": False,
        "Contents": [
            {
                "Key": each.key, "Size": each.size, "ETag": f'"{each.etag}"',
                "LastModified": each.written,
            }
            for each in listed
        ],
    }  # fmt: skip


def test_what_changed_meanwhile_is_no_fault() -> None:
    """An entry that is another one after the buckets were read tells nothing of them."""
    cloud = stubbed_cloud()
    changed = {**entry("a"), "owner": "another"}
    with (
        Stubber(cloud.s3) as s3,
        Stubber(cloud.sqs) as sqs,
        Stubber(cloud.catalog.dynamodb) as dynamodb,
    ):
        entries = [entry("a"), entry("b"), entry("other")]
        dynamodb.add_response("scan", {"Items": [serialize(each) for each in entries]})
        s3.add_response(
            "list_objects_v2",
            objects(original("a"), original("b")),
            {"Bucket": "raw", "Prefix": "", "StartAfter": ""},
        )
        s3.add_response("list_objects_v2", objects())
        for names in (["", "NotVisible"], [""]):
            counts = {f"ApproximateNumberOfMessages{name}": "0" for name in names}
            sqs.add_response("get_queue_attributes", {"Attributes": counts})
        answer = [serialize(each) for each in (changed, entry("b"), entry("other"))]
        dynamodb.add_response(
            "batch_get_item", {"Responses": {"table": answer}, "UnprocessedKeys": {}}
        )
        findings = check(cloud, "", GRACE, lambda *_: None)
    assert [(each.kind, each.key) for each in findings.faults] == [
        ("no-original", "other"),
        ("missing", "b"),
    ]
    assert [(each.kind, each.key) for each in findings.under_way] == [("missing", "a")]


def test_a_prefix_may_end_in_the_name_of_a_rendition() -> None:
    """Only what belongs to originals under the prefix is compared."""
    cloud = stubbed_cloud()
    with (
        Stubber(cloud.s3) as s3,
        Stubber(cloud.sqs) as sqs,
        Stubber(cloud.catalog.dynamodb) as dynamodb,
    ):
        dynamodb.add_response("scan", {"Items": [serialize(entry("a"))]})
        s3.add_response("list_objects_v2", objects())
        s3.add_response(
            "list_objects_v2",
            objects(WEB),
            {"Bucket": "processed", "Prefix": "processed/a/w", "StartAfter": ""},
        )
        for names in (["", "NotVisible"], [""]):
            counts = {f"ApproximateNumberOfMessages{name}": "0" for name in names}
            sqs.add_response("get_queue_attributes", {"Attributes": counts})
        findings = check(cloud, "a/w", GRACE, lambda *_: None)
    assert not findings.faults
    assert findings.comparison.stored == 0


@pytest.mark.parametrize(
    ("kind", "recipe", "asked"),
    [
        ("missing", "avatar", "avatar"),
        ("missing", "of a newer version", None),
        ("stale", "avatar", None),
    ],
)
def test_a_repair_keeps_the_recipe(kind: Any, recipe: str, asked: str | None) -> None:
    """It is asked for again where the entry tells of the original that is there."""
    cloud = stubbed_cloud()
    comparison = compare(entry("a", recipe=recipe))
    findings = Findings(comparison, [Fault(kind, "a", ""), Fault("orphan", "", "")], [], IDLE)
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_client_error("head_object", "404")
        dynamodb.add_response("get_item", {"Item": serialize(entry("a"))})
        s3.add_response("list_objects_v2", objects())
        ((request,),) = requests(cloud, findings)
    (change,) = read_message(request.body, "raw")
    assert (change.kind, change.key, change.recipe) == ("requested", "a", asked)
    assert change.sequencer > "1"


def test_settled() -> None:
    """A key is settled once its entry has an outcome of something newer."""
    cloud = stubbed_cloud()
    states = [entry(), entry(sequencer="2", status="processing"), entry(sequencer="2")]
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        for each in states:
            dynamodb.add_response(
                "batch_get_item",
                {"Responses": {"table": [serialize(each)]}, "UnprocessedKeys": {}},
            )
        assert [key for key, _ in settled(cloud, {"a": "1"}, 60)] == ["a"]


def test_patience_with_what_does_not_settle() -> None:
    """It ends when nothing has settled for as long as one is patient."""
    cloud = stubbed_cloud()
    with Stubber(cloud.catalog.dynamodb):
        assert list(settled(cloud, {"a": "1"}, 0)) == []
