"""A picture's way through the deployed pipeline."""

import io
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.sqs.reprocess import message_of, new_request
from processor.storage.renditions import Renditions

from .conftest import SAMPLES
from .waiting import wait_for

pytestmark = pytest.mark.contract

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.[jp]*g")), ids=lambda file: file.name)
def test_a_photograph_comes_out(
    file: Path, cloud: Cloud, put: Put, outcome: Outcome, key: str
) -> None:
    """Every rendition is in the processed bucket as the entry says, and is a picture."""
    put(key, file.read_bytes())
    entry = outcome(key)
    assert entry["status"] == "done", entry
    assert entry["size"] == file.stat().st_size
    assert [each["name"] for each in entry["renditions"]] == ["thumb", "preview", "web"]
    for each in entry["renditions"]:
        stored = cloud.s3.get_object(Bucket=cloud.outputs["ProcessedBucket"], Key=each["key"])
        data = stored["Body"].read()
        assert stored["ContentType"] == each["type"]
        assert len(data) == each["bytes"]
        picture = Image.open(io.BytesIO(data))
        picture.load()
        assert picture.size == (each["width"], each["height"])
        assert Image.MIME[picture.format or ""] == each["type"]


def test_the_uploader_names_the_recipe(
    cloud: Cloud, outcome: Outcome, key: str, sample: Sample
) -> None:
    """An original is made into what the recipe in its metadata asks for."""
    bucket = cloud.outputs["RawBucket"]
    cloud.s3.put_object(
        Bucket=bucket, Key=key, Body=sample("raccoon.jpg"), Metadata={"recipe": "avatar"}
    )
    entry = outcome(key)
    assert entry["status"] == "done", entry
    assert entry["recipe"] == "avatar"
    assert {each["name"] for each in entry["renditions"]} >= {"small", "small@2x"}
    analysis = entry["analysis"]
    assert analysis
    assert analysis["dominant"].startswith("#")


def test_an_unknown_recipe_fails(cloud: Cloud, outcome: Outcome, key: str, sample: Sample) -> None:
    """The reason names the recipes that there are."""
    bucket = cloud.outputs["RawBucket"]
    cloud.s3.put_object(
        Bucket=bucket, Key=key, Body=sample("raccoon.jpg"), Metadata={"recipe": "nosuch"}
    )
    entry = outcome(key)
    assert entry["status"] == "failed"
    assert entry["error"]["code"] == "unknown-recipe"
    assert "default" in entry["error"]["message"]


@pytest.mark.parametrize(
    "name",
    [
        "with space.jpg",
        "plus+percent%41.jpg",
        "ünïcode-名前-🎞.jpg",
        "a/deep/er/path.jpg",
        "no-extension",
        "quote'\"&<>?#[]{}|\\^~`.jpg",
    ],
)
def test_odd_keys(name: str, cloud: Cloud, put: Put, outcome: Outcome, sample: Sample) -> None:
    """A key of any characters is processed, and its renditions are found under that key."""
    key = f"odd-keys/{name}"
    put(key, sample("flower.jpg"))
    entry = outcome(key)
    assert entry["status"] == "done", entry
    for each in entry["renditions"]:
        assert each["key"].startswith(f"processed/{key}/")
        head = cloud.s3.head_object(Bucket=cloud.outputs["ProcessedBucket"], Key=each["key"])
        assert head["ContentLength"] == each["bytes"]


def test_bad_files_fail_alone(
    cloud: Cloud,
    put: Put,
    outcome: Outcome,
    drained: Callable[[], None],
    sample: Sample,
) -> None:
    """What is no picture fails with a reason, once, and the pictures beside it come out."""
    bad = {
        "text.jpg": (b"just some text", "unsupported-format"),
        "empty.jpg": (b"", "empty"),
        "truncated.png": (sample("coffee.png")[:20], "truncated"),
        "corrupt.png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "corrupt"),
    }
    for name, (data, _) in bad.items():
        put(f"bad/{name}", data)
        put(f"bad/good-beside-{name}", sample("mountains.jpg"))
    first = {name: outcome(f"bad/{name}") for name in bad}
    for name, (_, code) in bad.items():
        assert first[name]["status"] == "failed"
        assert first[name]["error"]["code"] == code
        assert outcome(f"bad/good-beside-{name}")["status"] == "done"
    drained()
    assert cloud.queue_depths()["dead"] == 0
    assert {name: cloud.catalog.get(f"bad/{name}") for name in bad} == first


def test_a_truncated_jpeg_is_rendered_with_a_warning(
    put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """Its entry says so until a whole file replaces it."""
    put(key, sample("flower.jpg")[:60_000])
    before = outcome(key)
    assert (before["status"], before["warnings"]) == ("done", ["truncated"])
    put(key, sample("flower.jpg"))
    assert "warnings" not in outcome(key, after=before)


def test_an_overwritten_original_is_processed_anew(
    cloud: Cloud, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """The entry and the renditions follow the newest original; what is left over is removed."""
    cloud.s3.put_object(
        Bucket=cloud.outputs["RawBucket"],
        Key=key,
        Body=sample("flower.jpg"),
        Metadata={"recipe": "avatar"},
    )
    before = outcome(key)
    put(key, sample("mountains.jpg"))
    after = outcome(key, after=before)
    assert (after["width"], after["height"]) == (1024, 484)
    assert {each["key"] for each in after["renditions"]} == stored(cloud, key)
    assert stored(cloud, key).isdisjoint(each["key"] for each in before["renditions"])


def test_a_removed_original_takes_its_renditions_along(
    cloud: Cloud, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """Its entry says deleted, and is in no listing."""
    put(key, sample("flower.jpg"))
    before = outcome(key)
    assert stored(cloud, key)
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    assert outcome(key, after=before)["status"] == "deleted"
    assert not stored(cloud, key)
    assert key not in [entry["filename"] for entry in cloud.catalog.newest_first()]


def test_a_request_makes_renditions_anew(
    cloud: Cloud, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """The work on a key can be asked for again, with another recipe."""
    put(key, sample("flower.jpg"))
    before = outcome(key)
    cloud.sqs.send_message(
        QueueUrl=cloud.outputs["QueueUrl"],
        MessageBody=message_of(
            cloud.outputs["RawBucket"],
            new_request(key, before["timestamp"], before["sequencer"], "avatar"),
        ),
    )
    after = outcome(key, after=before)
    assert (after["status"], after["recipe"]) == ("done", "avatar")
    assert {each["key"] for each in after["renditions"]} == stored(cloud, key)


def test_a_message_that_comes_twice_has_one_effect(
    cloud: Cloud,
    put: Put,
    outcome: Outcome,
    drained: Callable[[], None],
    key: str,
    sample: Sample,
) -> None:
    """A duplicate of a processed event is acknowledged, and changes nothing."""
    put(key, sample("flower.jpg"))
    entry = outcome(key)
    cloud.sqs.send_message(QueueUrl=cloud.outputs["QueueUrl"], MessageBody=event_for(cloud, entry))
    drained()
    assert cloud.catalog.get(key) == entry


def test_a_malformed_message_ends_in_the_dead_letter_queue(cloud: Cloud) -> None:
    """What S3 did not write is tried three times and then kept apart, unchanged."""
    cloud.sqs.send_message(QueueUrl=cloud.outputs["QueueUrl"], MessageBody="nonsense")
    (message,) = wait_for(
        lambda: cloud.sqs.receive_message(
            QueueUrl=cloud.outputs["DeadLetterQueueUrl"],
            AttributeNames=["ApproximateReceiveCount"],
        ).get("Messages"),
    )
    assert message["Body"] == "nonsense"
    cloud.sqs.delete_message(
        QueueUrl=cloud.outputs["DeadLetterQueueUrl"], ReceiptHandle=message["ReceiptHandle"]
    )


def test_newest_first(cloud: Cloud, put: Put, outcome: Outcome, sample: Sample) -> None:
    """A listing begins with the latest upload, across all partitions of the index."""
    keys = [f"newest-first/{number}.jpg" for number in range(9)]
    for each in keys:
        put(each, sample("flower.jpg"))
    for each in keys:
        outcome(each)
    listed = list(cloud.catalog.newest_first())
    times = [entry["timestamp"] for entry in listed]
    assert times == sorted(times, reverse=True)
    assert set(keys) <= {entry["filename"] for entry in listed}
    assert list(islice(cloud.catalog.newest_first(), 3)) == listed[:3]


def stored(cloud: Cloud, key: str) -> set[str]:
    """The keys of what is in the processed bucket for an original."""
    return set(Renditions(cloud.s3, cloud.outputs["ProcessedBucket"]).list(key))


def event_for(cloud: Cloud, entry: Entry) -> str:
    """The message that S3 sent for an entry's original."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": entry["timestamp"],
        "s3": {
            "bucket": {"name": cloud.outputs["RawBucket"]},
            "object": {
                "key": entry["filename"],
                "size": entry["size"],
                "eTag": entry["etag"],
                "sequencer": entry["sequencer"],
            },
        },
    }
    return json.dumps({"Records": [record]})
