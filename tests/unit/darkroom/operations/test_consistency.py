"""The consistency check."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Object
from darkroom.operations.consistency import (
    Comparison,
    Known,
    check,
    split,
)
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.catalog.terms import postings_of
from tests.unit.darkroom.operations.stubs import listing, stubbed_cloud

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()
GRACE = 60


def original(key: str, etag: str = "e", age: float = 3600) -> Object:
    """Return an object of the raw bucket, uploaded ``age`` seconds ago."""
    return Object(key, 9, etag, datetime.fromtimestamp(NOW - age, UTC))


def stored(target: str, size: int = 5, etag: str = "r") -> Object:
    """Return an object of the processed bucket."""
    return Object(target, size, etag, datetime.fromtimestamp(NOW, UTC))


def entry(key: str = "a", **fields: Any) -> Entry:
    """Return an entry that is consistent with ``original(key)`` and one rendition."""
    rendition = {"key": f"processed/{key}/web.jpg", "bytes": 5, "etag": "r"}
    return {
        "filename": key, "status": "done", "etag": "e", "sequencer": "1", "owner": "o",
        "timestamp": "2026-05-01T11:00:00.000Z",
        "updated": "2026-05-01T11:00:00.000Z", "renditions": [rendition],
        **fields,  # type: ignore[typeddict-item]
    }  # fmt: skip


def index_of(*entries: Entry) -> list[dict[str, str]]:
    """Return the items of the index for entries."""
    return [each._asdict() for one in entries for each in postings_of(one)]


def compare(*things: Entry | Object) -> Comparison:
    """Return the comparison of entries and objects."""
    comparison = Comparison()
    for each in things:
        if not isinstance(each, Object):
            comparison.entries[each["filename"]] = Known.of(each)
        elif each.key.startswith("processed/"):
            comparison.add_stored(each)
        elif each.key.startswith("variants/"):
            # A variant's ETag is its version here.
            comparison.add_variant(each, each.etag, NOW, GRACE)
        else:
            comparison.add_original(each)
    return comparison


WEB = stored("processed/a/web.jpg")
VARIANT = "variants/a/w_640.webp"


def variant(version: str, age: float = 3600, target: str = VARIANT) -> Object:
    """Return a stored variant of a version."""
    return Object(target, 5, version, datetime.fromtimestamp(NOW - age, UTC))


def name(value: object) -> str:
    """Return the id of a case: its faults."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value) or "no fault"
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
        # A request came before any event of the original: its ETag is unknown.
        ([entry(status="failed", renditions=[], etag=None), original("a")], []),
        ([original("a")], ["no-entry a uploaded 2026-05-01T11:00:00.000Z"]),
        (
            [entry(status="deleted", renditions=[]), original("a")],
            ["no-entry a uploaded 2026-05-01T11:00:00.000Z; the entry is deleted"],
        ),
        ([entry(), WEB], ["no-original a the entry is done"]),
        ([entry(status="failed", renditions=[])], ["no-original a the entry is failed"]),
        (
            [entry(status="processing", lease=NOW - 1200), original("a")],
            ["stuck a its lease ended 20 min ago"],
        ),
        (
            [entry(status="processing"), original("a")],
            ["stuck a no attempt is in progress; the last one ended 60 min ago"],
        ),
        ([entry(), original("a", "new"), WEB], ["stale a the entry has ETag e, the original new"]),
        ([entry(), original("a")], ["missing a web.jpg"]),
        (
            [entry(), original("a"), stored(WEB.key, 7000)],
            ["missing a web.jpg has 7,000 bytes instead of 5"],
        ),
        (
            [entry(), original("a"), stored(WEB.key, etag="other")],
            ["missing a web.jpg has another ETag than in the entry"],
        ),
        # The renditions of a failed request are consistent, also while it may be in progress.
        ([entry(failed_request={}), original("a"), WEB], []),
        ([entry(failed_request={}, published={}, lease=NOW + 9), original("a"), WEB], []),
        ([entry(), original("a"), WEB, stored("processed/a/old.webp")], ["orphan a old.webp"]),
        (
            [entry(status="failed", renditions=[]), original("a"), WEB],
            ["orphan a web.jpg"],
        ),
        ([entry(status="deleted", renditions=[]), WEB], ["orphan a web.jpg"]),
        ([stored("processed/a/b/x.webp")], ["orphan a/b x.webp"]),
        (
            [stored("processed/x.webp")],
            ["orphan  x.webp (belongs to no original: delete this object from S3)"],
        ),
        ([entry(), original("a"), WEB, variant("1 e")], []),
        ([entry(status="processing", lease=NOW + 9), original("a"), WEB, variant("0 e")], []),
        ([entry(), original("a"), WEB, variant("0 e")], ["stale-variant a w_640.webp"]),
        ([entry(), original("a"), WEB, variant("1 d")], ["stale-variant a w_640.webp"]),
        (
            [entry(status="review", renditions=[]), original("a"), variant("1 e")],
            ["orphan a variant w_640.webp"],
        ),
        ([variant("1 e", target="variants/a/b/x.webp")], ["orphan a/b variant x.webp"]),
        # The renditions of "a/b" do not belong to "a".
        ([entry(), original("a"), WEB, stored("processed/a/b/x")], ["orphan a/b x"]),
    ],
    ids=name,
)  # fmt: skip
def test_faults(things: list[Entry | Object], faults: list[str]) -> None:
    """Each kind of fault is found, with its detail, and nothing else."""
    found = compare(*things).faults(NOW)
    assert [f"{each.kind} {each.key} {each.detail}" for each in found] == faults


def test_faults_are_in_the_order_of_the_buckets() -> None:
    """S3 lists keys by their bytes in UTF-8, in which an emoji comes after letters."""
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
    """The original's key is between the first folder and the last slash."""
    assert split(target) == parts


UPLOAD = [entry(status="deleted", renditions=[]), original("a")]
FRESH = [original("a", age=GRACE - 1)]
DYING = [entry(status="processing", lease=NOW - 60), original("a")]
DEAD = [entry(status="processing", lease=NOW - 1200), original("a")]


@pytest.mark.parametrize(
    ("things", "is_busy", "is_pending"),
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
        ([entry(), original("a"), WEB, variant("0 e", age=90)], False, True),
        ([entry(), original("a"), WEB, variant("0 e", age=110)], False, False),
        ([entry(), original("a"), WEB, variant("0 e")], True, False),
    ],
    ids=name,
)  # fmt: skip
def test_pending_work(things: list[Entry | Object], *, is_busy: bool, is_pending: bool) -> None:
    """A message in the queue, an open lease or a new upload explain some faults."""
    comparison = compare(*things)
    (fault,) = comparison.faults(NOW)
    assert comparison.is_pending(fault, NOW, GRACE, is_busy=is_busy) is is_pending


def test_changes_during_the_check() -> None:
    """A key whose entry changed after the buckets were read is pending."""
    cloud = stubbed_cloud()
    changed = {**entry("a"), "owner": "another"}
    with (
        Stubber(cloud.s3) as s3,
        Stubber(cloud.sqs) as sqs,
        Stubber(cloud.catalog.dynamodb) as dynamodb,
    ):
        entries = [entry("a"), entry("b"), entry("other")]
        dynamodb.add_response("scan", {"Items": [serialize(each) for each in index_of(*entries)]})
        dynamodb.add_response("scan", {"Items": [serialize(each) for each in entries]})
        s3.add_response(
            "list_objects_v2",
            listing(original("a"), original("b")),
            {"Bucket": "raw", "Prefix": "", "StartAfter": ""},
        )
        s3.add_response("list_objects_v2", listing())
        s3.add_response(
            "list_objects_v2",
            listing(variant("0 e", target="variants/b/x.webp")),
            {"Bucket": "processed", "Prefix": "variants/", "StartAfter": ""},
        )
        head = {"ETag": '"e"', "ContentLength": 1, "ContentType": "image/webp"}
        s3.add_response("head_object", {**head, "Metadata": {"version": "0 e"}})
        for names in (["", "NotVisible"], [""]):
            counts = {f"ApproximateNumberOfMessages{name}": "0" for name in names}
            sqs.add_response("get_queue_attributes", {"Attributes": counts})
        items = [serialize(each) for each in (changed, entry("b"), entry("other"))]
        dynamodb.add_response(
            "batch_get_item", {"Responses": {"table": items}, "UnprocessedKeys": {}}
        )
        findings = check(cloud, "", GRACE, lambda *_: None)
    assert [(each.kind, each.key) for each in findings.faults] == [
        ("no-original", "other"),
        ("missing", "b"),
        ("stale-variant", "b"),
    ]
    assert [(each.kind, each.key) for each in findings.pending] == [("missing", "a")]


def test_a_prefix_may_end_in_the_name_of_a_rendition() -> None:
    """Only objects of originals under the prefix are compared."""
    cloud = stubbed_cloud()
    with (
        Stubber(cloud.s3) as s3,
        Stubber(cloud.sqs) as sqs,
        Stubber(cloud.catalog.dynamodb) as dynamodb,
    ):
        dynamodb.add_response("scan", {"Items": []})
        dynamodb.add_response("scan", {"Items": [serialize(entry("a"))]})
        s3.add_response("list_objects_v2", listing())
        s3.add_response(
            "list_objects_v2",
            listing(WEB),
            {"Bucket": "processed", "Prefix": "processed/a/w", "StartAfter": ""},
        )
        s3.add_response(
            "list_objects_v2",
            listing(variant("0")),
            {"Bucket": "processed", "Prefix": "variants/a/w", "StartAfter": ""},
        )
        for names in (["", "NotVisible"], [""]):
            counts = {f"ApproximateNumberOfMessages{name}": "0" for name in names}
            sqs.add_response("get_queue_attributes", {"Attributes": counts})
        findings = check(cloud, "a/w", GRACE, lambda *_: None)
    assert not findings.faults
    assert findings.comparison.stored == 0


def test_the_index_is_compared() -> None:
    """What is missing, too much, or without an entry is a fault; a fresh write is pending."""
    cloud = stubbed_cloud()
    fresh = entry("fresh", updated=datetime.now(UTC).isoformat())
    entries = [entry("a"), entry("missing"), entry("more"), fresh]
    items = [
        *index_of(entry("a"), entry("more"), entry("gone")),
        {"term": "tag#old", "place": index_of(entry("more"))[0]["place"]},
    ]
    with (
        Stubber(cloud.s3) as s3,
        Stubber(cloud.sqs) as sqs,
        Stubber(cloud.catalog.dynamodb) as dynamodb,
    ):
        dynamodb.add_response("scan", {"Items": [serialize(each) for each in items]})
        dynamodb.add_response("scan", {"Items": [serialize(each) for each in entries]})
        keys = [each["filename"] for each in entries]
        s3.add_response("list_objects_v2", listing(*map(original, keys)))
        stored_objects = [stored(f"processed/{key}/web.jpg") for key in keys]
        s3.add_response("list_objects_v2", listing(*stored_objects))
        s3.add_response("list_objects_v2", listing())
        for names in (["", "NotVisible"], [""]):
            counts = {f"ApproximateNumberOfMessages{name}": "0" for name in names}
            sqs.add_response("get_queue_attributes", {"Attributes": counts})
        dynamodb.add_response(
            "batch_get_item",
            {"Responses": {"table": [serialize(each) for each in entries]}, "UnprocessedKeys": {}},
        )
        findings = check(cloud, "", GRACE, lambda *_: None)
    assert [(each.kind, each.key) for each in findings.faults] == [
        ("unindexed", "gone"),
        ("unindexed", "missing"),
        ("unindexed", "more"),
    ]
    assert [(each.kind, each.key) for each in findings.pending] == [("unindexed", "fresh")]
