"""The way of one object, with S3 and the catalog played by memory."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from processor.catalog import SupersededError
from processor.events import ObjectCreated
from processor.images import Limits, load_recipes
from processor.pipeline import Pipeline
from processor.settings import Settings


class FakeS3:
    """Holds objects by bucket and key; ``broken`` is raised by every read."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {("raw", name.replace("_", ".")): data for name, data in objects.items()}
        self.types: dict[str, str] = {}
        self.broken: Exception | None = None

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """Answer as S3 does."""
        if self.broken:
            raise self.broken
        if (Bucket, Key) not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        data = self.objects[Bucket, Key]
        return {"Body": io.BytesIO(data), "ContentLength": len(data)}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **headers: str) -> None:  # noqa: N803
        """Keep the object."""
        self.objects[Bucket, Key] = Body
        self.types[Key] = headers["ContentType"]


class FakeCatalog:
    """Keeps what was written; ``taken`` plays a newer claim."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.taken = False

    def claim(self, event: ObjectCreated) -> bool:
        """Start an entry; say whether an attempt died."""
        if self.taken:
            raise SupersededError
        before = self.entries.get(event.key)
        self.entries[event.key] = {"status": "processing"}
        return before is not None and "retry" not in before

    def finish(self, event: ObjectCreated, **outcome: object) -> None:
        """Add the outcome."""
        self.entries[event.key] |= outcome


def created(key: str) -> ObjectCreated:
    """An event."""
    return ObjectCreated("raw", key, 1, "etag", "2026-05-01T12:00:00.000Z", "0" * 32)


def pipeline(s3: FakeS3, catalog: FakeCatalog, limits: Limits | None = None) -> Pipeline:
    """A pipeline over the fakes."""
    return Pipeline(
        settings=Settings("raw", "processed", "table"),
        s3=s3,  # type: ignore[arg-type]
        catalog=catalog,  # type: ignore[arg-type]
        recipe=load_recipes()["default"],
        limits=limits or Limits(),
    )


def test_a_picture_ends_as_done(sample: Callable[[str], bytes]) -> None:
    """The renditions are stored under guessable keys, and the entry tells of each."""
    s3, catalog = FakeS3(flower_jpg=sample("flower.jpg")), FakeCatalog()
    pipeline(s3, catalog).process(created("flower.jpg"))
    entry = catalog.entries["flower.jpg"]
    assert entry["status"] == "done"
    assert (entry["format"], entry["width"], entry["height"]) == ("jpeg", 807, 1024)
    keys = {each["name"]: each["key"] for each in entry["renditions"]}
    assert keys == {
        "thumb": "processed/flower.jpg/thumb.webp",
        "preview": "processed/flower.jpg/preview.webp",
        "web": "processed/flower.jpg/web.jpg",
    }
    for each in entry["renditions"]:
        assert len(s3.objects["processed", each["key"]]) == each["bytes"]
        assert s3.types[each["key"]] == each["type"]
    assert set(entry["timings"]) == {"fetch", "decode", "render", "store", "since_upload"}


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"text", "unsupported-format"), (b"\xff\xd8\xff\xe0", "corrupt")],
)
def test_what_is_no_picture_ends_as_failed(data: bytes, code: str) -> None:
    """A file that cannot be processed is recorded with its reason, and raises nothing."""
    s3, catalog = FakeS3(bad_jpg=data), FakeCatalog()
    pipeline(s3, catalog).process(created("bad.jpg"))
    entry = catalog.entries["bad.jpg"]
    assert entry["status"] == "failed"
    assert entry["error"]["code"] == code
    assert entry["error"]["message"]


def test_a_missing_original_ends_as_failed() -> None:
    """An original that was removed meanwhile is a reason of its own."""
    catalog = FakeCatalog()
    pipeline(FakeS3(), catalog).process(created("gone.jpg"))
    assert catalog.entries["gone.jpg"]["error"]["code"] == "missing-original"


def test_a_file_over_the_limit_is_not_read() -> None:
    """The size is known before the body is read."""
    s3, catalog = FakeS3(big_jpg=b"x" * 100), FakeCatalog()
    pipeline(s3, catalog, Limits(max_bytes=99)).process(created("big.jpg"))
    assert catalog.entries["big.jpg"]["error"]["code"] == "too-many-bytes"


def test_a_key_without_room_for_its_renditions_ends_as_failed(
    sample: Callable[[str], bytes],
) -> None:
    """S3 allows 1024 bytes for a key; an original that uses them all can have no renditions."""
    key = "k" * 1020 + ".jpg"
    s3, catalog = FakeS3(), FakeCatalog()
    s3.objects["raw", key] = sample("flower.jpg")
    pipeline(s3, catalog).process(created(key))
    assert catalog.entries[key]["error"]["code"] == "key-too-long"


def test_a_superseded_event_does_nothing() -> None:
    """Nothing is read or written for an event that is out of date."""
    s3, catalog = FakeS3(flower_jpg=b"anything"), FakeCatalog()
    catalog.taken = True
    pipeline(s3, catalog).process(created("flower.jpg"))
    assert catalog.entries == {}
    assert len(s3.objects) == 1


def test_an_error_that_may_pass_is_raised() -> None:
    """Throttling is not the picture's fault: the message has to come again."""
    s3, catalog = FakeS3(), FakeCatalog()
    s3.broken = ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")
    for _ in range(3):
        with pytest.raises(ClientError):
            pipeline(s3, catalog).process(created("flower.jpg"), is_last_attempt=True)
    entry = catalog.entries["flower.jpg"]
    assert entry["status"] == "processing"
    assert entry["retry"]["code"] == "ClientError"
    assert "SlowDown" in entry["retry"]["message"]


def test_a_picture_that_killed_its_function_is_not_tried_for_ever(
    sample: Callable[[str], bytes],
) -> None:
    """After attempts that ended without a word, the last one only records the failure."""
    s3, catalog = FakeS3(flower_jpg=sample("flower.jpg")), FakeCatalog()
    catalog.entries["flower.jpg"] = {"status": "processing"}
    pipeline(s3, catalog).process(created("flower.jpg"), is_last_attempt=True)
    assert catalog.entries["flower.jpg"]["status"] == "failed"
    assert catalog.entries["flower.jpg"]["error"]["code"] == "too-costly"
    catalog.entries["flower.jpg"] = {"status": "processing"}
    pipeline(s3, catalog).process(created("flower.jpg"))
    assert catalog.entries["flower.jpg"]["status"] == "done"
