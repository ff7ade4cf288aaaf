"""What the queue's messages say."""

import json
from collections.abc import Callable

import pytest

from processor.change import UNKNOWN_SEQUENCER, Change
from processor.errors import MalformedMessageError
from processor.sqs.reprocess import message_of, new_request
from processor.sqs.s3_events import read_message

BUCKET = "darkroom-raw"
VERSION_ID = "3HL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"


def read(body: str) -> list[Change]:
    """Read a message about the bucket of the examples."""
    return read_message(body, BUCKET)


def test_reads_a_put(message: Callable[[str], str]) -> None:
    """A put is read with its key, size, etag, time and sequencer."""
    (created,) = read(message("s3-put"))
    assert created.kind == "created"
    assert created.key == "holiday/beach.jpg"
    assert created.size == 171368
    assert created.etag == "d41d8cd98f00b204e9800998ecf8427e"
    assert created.time == "2026-05-01T12:00:00.123Z"


def test_decodes_keys(message: Callable[[str], str]) -> None:
    """A key comes URL-encoded, with + for a space, and is decoded once."""
    (created,) = read(message("s3-put-encoded-key"))
    assert created.key == "café au lait/100% + über (1).jpg"


def test_reads_multipart_uploads_of_versioned_buckets(message: Callable[[str], str]) -> None:
    """The end of a multipart upload counts as a write."""
    (created,) = read(message("s3-multipart-versioned"))
    assert created.etag == "7b3c0d2e5f8a4d1c9e6b2a1f0d4c8e7a-9"


def test_reads_removals(message: Callable[[str], str]) -> None:
    """A removal names no size and no ETag, but has its place in the order of writes."""
    (removed,) = read(message("s3-delete"))
    assert (removed.kind, removed.key) == ("removed", "holiday/beach.jpg")
    assert (removed.size, removed.etag) == (None, None)
    assert removed.sequencer.startswith("0055AED6DCD90281E5")


@pytest.mark.parametrize(
    ("event", "version", "kind", "expected"),
    [
        (
            "ObjectRemoved:DeleteMarkerCreated",
            VERSION_ID,
            "removed",
            VERSION_ID,
        ),
        ("ObjectRemoved:Delete", VERSION_ID, "version-removed", VERSION_ID),
        ("ObjectRemoved:DeleteMarkerCreated", "null", "removed", None),
        ("ObjectRemoved:Delete", "null", "removed", None),
        ("ObjectRemoved:Delete", "", "removed", None),
        ("ObjectRemoved:Delete", None, "removed", None),
    ],
)
def test_reads_removals_in_versioned_buckets(
    event: str,
    version: str | None,
    kind: str,
    expected: str | None,
    message: Callable[[str], str],
) -> None:
    """A new delete marker removes the object; the deletion of a version may leave another one."""
    body = json.loads(message("s3-delete"))
    body["Records"][0]["eventName"] = event
    body["Records"][0]["s3"]["object"]["versionId"] = version
    (removed,) = read(json.dumps(body))
    assert (removed.kind, removed.version_id) == (kind, expected)


@pytest.mark.parametrize("version", [7, ["v"], "x" * 1025])
def test_refuses_versions_that_s3_does_not_write(
    version: object, message: Callable[[str], str]
) -> None:
    """A version ID is a text of at most 1,024 bytes."""
    body = json.loads(message("s3-delete"))
    body["Records"][0]["s3"]["object"]["versionId"] = version
    with pytest.raises(MalformedMessageError, match="version ID"):
        read(json.dumps(body))


@pytest.mark.parametrize(
    "event",
    ["ObjectRestore:Post", "ObjectTagging:Put", "Replication:x"],
)
def test_passes_over_other_events(event: str, message: Callable[[str], str]) -> None:
    """What is neither a write nor a removal changes nothing."""
    assert read(message("s3-put").replace("ObjectCreated:Put", event)) == []


@pytest.mark.parametrize("event", ["Delete", "DeleteMarkerCreated"])
def test_an_expiry_is_read(event: str, message: Callable[[str], str]) -> None:
    """Of the original, whose sequencer is not needed."""
    named = f"LifecycleExpiration:{event}"
    (change,) = read(message("s3-put").replace("ObjectCreated:Put", named))
    assert (change.kind, change.sequencer) == ("original-expired", UNKNOWN_SEQUENCER)


def test_reads_the_end_of_a_restore(message: Callable[[str], str]) -> None:
    """Only writes and removals have a sequencer."""
    body = message("s3-put").replace("ObjectCreated:Put", "ObjectRestore:Completed")
    (restored,) = read(body.replace('"sequencer"', '"other"'))
    assert (restored.kind, restored.key) == ("restored", "holiday/beach.jpg")
    assert restored.sequencer == UNKNOWN_SEQUENCER


@pytest.mark.parametrize(("key", "size", "count"), [("a/", 0, 0), ("a/", 1, 1), ("a", 0, 1)])
def test_passes_over_folder_markers(
    key: str, size: int, count: int, message: Callable[[str], str]
) -> None:
    """S3's console creates a folder as an empty object whose key ends in a slash."""
    body = message("s3-put").replace("holiday/beach.jpg", key).replace("171368", str(size))
    assert len(read(body)) == count


def test_passes_over_the_test_event(message: Callable[[str], str]) -> None:
    """S3's test message names no object."""
    assert read(message("s3-test-event")) == []


@pytest.mark.parametrize("key", ["a.jpg", "café au lait/100% + über (1).jpg", "名前/🎞.png"])
def test_reads_requests(key: str) -> None:
    """What asks for work to be done again is read as it was written."""
    body = message_of(
        BUCKET, new_request(key, "2026-05-01T12:00:00.123Z", "0055AE".ljust(32, "0"), "avatar")
    )
    (change,) = read(body)
    assert (change.kind, change.key, change.recipe) == ("requested", key, "avatar")
    assert change.time == "2026-05-01T12:00:00.123Z"


def test_a_request_comes_between_two_writes(message: Callable[[str], str]) -> None:
    """It is newer than the write that it is about, and older than what comes after it."""
    body = message("s3-put")
    (write,) = read(body)
    (following,) = read(body.replace("0055AED6DCD90281E5", "0055AED6DCD90281E50001"))
    (request,) = read(message_of(BUCKET, new_request(write.key, write.time, write.sequencer)))
    (again,) = read(message_of(BUCKET, new_request(write.key, write.time, request.sequencer)))
    assert write.sequencer < request.sequencer < again.sequencer < following.sequencer
    (blind,) = read(message_of(BUCKET, new_request(write.key, write.time, UNKNOWN_SEQUENCER)))
    assert blind.sequencer < write.sequencer


def test_reads_every_record(message: Callable[[str], str]) -> None:
    """A message may speak of several objects."""
    assert [each.key for each in read(message("s3-two-records"))] == ["a.jpg", "b.png"]


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6"),
        ("0055AED6DCD90281E5", "0055AED6DCD903"),
        ("0055AED6DCD902", "0055AED6DCD90281E5"),
        ("0055aed6dcd90281e5", "0055AED6DCD90281F5"),
    ],
)
def test_sequencers_of_different_lengths_are_compared_as_s3_says(
    sooner: str, later: str, message: Callable[[str], str]
) -> None:
    """The shorter one is padded with zeros on its right; then they are compared as text."""
    body = message("s3-put")
    (one,) = read(body.replace("0055AED6DCD90281E5", sooner))
    (other,) = read(body.replace("0055AED6DCD90281E5", later))
    assert one.sequencer < other.sequencer


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("picture.jpg", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no list of Records"),
        ('{"Records": [{}]}', "not an S3 event"),
        ('{"Records": [{"eventName": "ObjectCreated:Put", "s3": {}}]}', "not an S3 event"),
        ('{"Records": [5]}', "not an S3 event"),
        ('{"Records": [{"eventVersion": 2}]}', "not an S3 event"),
    ],
)
def test_refuses_what_s3_did_not_write(body: str, complaint: str) -> None:
    """A message of another kind is refused with what is wrong with it."""
    with pytest.raises(MalformedMessageError, match=complaint):
        read(body)


@pytest.mark.parametrize(
    ("there", "instead", "complaint"),
    [
        ('"eventVersion": "2.1"', '"eventVersion": "3.0"', "version '3.0'; 2.x is supported"),
        ('"name": "darkroom-raw"', '"name": "elsewhere"', "bucket 'elsewhere', not 'darkroom-raw'"),
    ],
)
def test_refuses_what_it_must_not_act_on(
    there: str, instead: str, complaint: str, message: Callable[[str], str]
) -> None:
    """A format that may mean something else, or another bucket's events, are nobody's to guess."""
    body = message("s3-put")
    assert there in body
    with pytest.raises(MalformedMessageError, match=complaint):
        read(body.replace(there, instead))


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("key", "", "0 bytes"),
        ("key", "k" * 1025, "1025 bytes"),
        ("size", 10**50, "size '1000"),
        ("size", -1, "size '-1'"),
        ("size", "5", "size"),
        ("sequencer", "zz!", "sequencer 'zz!'"),
        ("sequencer", "F" * 100, "sequencer"),
        ("sequencer", "", "sequencer ''"),
    ],
)
def test_refuses_what_no_object_has(
    field: str, value: object, complaint: str, message: Callable[[str], str]
) -> None:
    """What would be wrong in the catalog for good is not let in."""
    body = json.loads(message("s3-put"))
    body["Records"][0]["s3"]["object"][field] = value
    with pytest.raises(MalformedMessageError, match=complaint):
        read(json.dumps(body))


@pytest.mark.parametrize("time", ["yesterday", 12, None, "", "2026-05-01T12:00:00"])
def test_refuses_what_is_no_time(time: object, message: Callable[[str], str]) -> None:
    """Entries are sorted by it."""
    body = json.loads(message("s3-put"))
    body["Records"][0]["eventTime"] = time
    with pytest.raises(MalformedMessageError, match="time"):
        read(json.dumps(body))


@pytest.mark.parametrize("recipe", [["x"], 5, {}, True])
def test_refuses_a_recipe_that_is_no_name(recipe: object) -> None:
    """Only a request has one: its name, or itself, as text."""
    body = json.loads(
        message_of(BUCKET, new_request("a", "2026-05-01T12:00:00Z", UNKNOWN_SEQUENCER))
    )
    body["Records"][0]["recipe"] = recipe
    with pytest.raises(MalformedMessageError, match="not a string"):
        read(json.dumps(body))
