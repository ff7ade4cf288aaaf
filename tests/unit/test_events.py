"""What the queue's messages say."""

from collections.abc import Callable

import pytest

from processor.events import MalformedMessageError, read_message


def test_reads_a_put(message: Callable[[str], str]) -> None:
    """A put is read with its key, size, etag, time and sequencer."""
    (created,) = read_message(message("s3-put"))
    assert created.bucket == "darkroom-raw"
    assert created.key == "holiday/beach.jpg"
    assert created.size == 171368
    assert created.etag == "d41d8cd98f00b204e9800998ecf8427e"
    assert created.time == "2026-05-01T12:00:00.123Z"


def test_decodes_keys(message: Callable[[str], str]) -> None:
    """A key comes URL-encoded, with + for a space, and is decoded once."""
    (created,) = read_message(message("s3-put-encoded-key"))
    assert created.key == "café au lait/100% + über (1).jpg"


def test_reads_multipart_uploads_of_versioned_buckets(message: Callable[[str], str]) -> None:
    """The end of a multipart upload counts as a write."""
    (created,) = read_message(message("s3-multipart-versioned"))
    assert created.etag.endswith("-9")


@pytest.mark.parametrize("name", ["s3-test-event", "s3-delete"])
def test_passes_over(name: str, message: Callable[[str], str]) -> None:
    """S3's test message and removals name no object to process."""
    assert read_message(message(name)) == []


def test_reads_every_record(message: Callable[[str], str]) -> None:
    """A message may speak of several objects."""
    assert [each.key for each in read_message(message("s3-two-records"))] == ["a.jpg", "b.png"]


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
    (one,) = read_message(body.replace("0055AED6DCD90281E5", sooner))
    (other,) = read_message(body.replace("0055AED6DCD90281E5", later))
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
    ],
)
def test_refuses_what_s3_did_not_write(body: str, complaint: str) -> None:
    """A message of another kind is refused with what is wrong with it."""
    with pytest.raises(MalformedMessageError, match=complaint):
        read_message(body)
