"""Events of stored variants: which objects have one, and what it says."""

import json
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from processor.change import Change
from processor.events.bus import EventBus
from processor.events.outcomes import Event, Variant
from processor.events.variants import NotSentError, VariantEvents
from processor.storage.variants import Variants
from tests.unit.processor.clouds import FakeS3, Stored, error

from .test_bus import FakeEvents

TARGET = "variants/café/a b.jpg/w_40,h_30.webp"
TIME = "2026-05-01T12:00:00.123Z"
VARIANT = Stored(
    b"variant", {"version": "5 original", "measures": "40 30"}, content_type="image/webp"
)


class Bucket:
    """A bucket of variants, and what is sent about them."""

    def __init__(self, *refused: str) -> None:
        self.s3, self.events = FakeS3(), FakeEvents(*refused)
        self._published = VariantEvents(
            Variants(self.s3, "processed"),  # type: ignore[arg-type]
            EventBus(self.events, "bus"),  # type: ignore[arg-type]
        )

    def put(self, stored: Stored = VARIANT, target: str = TARGET) -> Change:
        """Store an object; return S3's notification."""
        self.s3.objects["processed", target] = stored
        etag = stored.etag.strip('"')
        return Change("created", target, TIME, "7", size=len(stored.data), etag=etag)

    def send(self, *changes: Change) -> list[Event]:
        """Handle notifications; return the events that are sent for them."""
        before = len(self.events.requests)
        self._published.publish(changes)
        entries = [each for request in self.events.requests[before:] for each in request]
        assert all(each["DetailType"] == "image.variant-created" for each in entries)
        return [msgspec.json.decode(each["Detail"], type=Event) for each in entries]


def test_a_stored_variant_has_an_event() -> None:
    """It names the image, its version, and the variant with its size."""
    bucket = Bucket()
    (event,) = bucket.send(bucket.put())
    assert event == Event(
        id=event.id,
        key="café/a b.jpg",
        version="5",
        status="variant-created",
        time=TIME,
        variant=Variant(
            name="w_40,h_30.webp",
            key=TARGET,
            width=40,
            height=30,
            bytes=7,
            type="image/webp",
            etag=VARIANT.etag.strip('"'),
        ),
    )


def test_a_repeated_notification_is_the_same_event() -> None:
    """Also if the same variant is stored again, as after a sweep that deleted too much."""
    bucket = Bucket()
    created = bucket.put()
    first, second = bucket.send(created), bucket.send(created)
    again = msgspec.structs.replace(first[0], time="2026-05-01T12:00:09.000Z")
    later = bucket.send(*[Change("created", TARGET, again.time, "8", etag=created.etag)])
    assert first == second
    assert later == [again]


@pytest.mark.parametrize(
    ("other", "target"),
    [
        (Stored(b"variant", {"version": "6 original"}), TARGET),
        (Stored(b"other", VARIANT.metadata), TARGET),
        (VARIANT, "variants/café/a b.jpg/w_40.webp"),
        (VARIANT, "variants/café/w_40,h_30.webp"),
    ],
    ids=["version", "bytes", "name", "key"],
)
def test_another_variant_has_another_id(other: Stored, target: str) -> None:
    """The ID is of key, version, name and bytes."""
    bucket = Bucket()
    (one,) = bucket.send(bucket.put())
    (another,) = bucket.send(bucket.put(other, target))
    assert one.id != another.id


def test_a_variant_that_is_gone_has_no_event() -> None:
    """It was deleted, or replaced: what replaces it has a notification of its own."""
    bucket = Bucket()
    created = bucket.put()
    replaced = bucket.put(Stored(b"newer", {"version": "6 original"}))
    assert [each.version for each in bucket.send(created, replaced)] == ["6"]
    bucket.s3.objects.clear()
    assert bucket.send(created, replaced) == []


@pytest.mark.parametrize(
    ("metadata", "target"),
    [({}, TARGET), ({"measures": "1"}, TARGET), ({"version": "5 o"}, "variants/w_40.webp")],
)
def test_objects_of_others_have_no_event(metadata: dict[str, str], target: str) -> None:
    """What the pipeline has not stored is no variant."""
    bucket = Bucket()
    assert bucket.send(bucket.put(Stored(b"x", metadata), target)) == []


def test_a_size_that_is_not_known_is_left_out() -> None:
    """A variant from before sizes were recorded has an event without one."""
    bucket = Bucket()
    bucket.send(bucket.put(Stored(b"x", {"version": "5 o"})))
    detail = json.loads(bucket.events.requests[0][0]["Detail"])
    assert {"width", "height"} & set(detail["variant"]) == set()


@pytest.mark.parametrize("refused", ["café/a b.jpg", "unavailable"])
def test_an_event_that_is_refused_is_an_error(refused: str) -> None:
    """Lambda invokes the function again: nothing is lost."""
    bucket = Bucket(refused)
    with pytest.raises(NotSentError):
        bucket.send(bucket.put())


def test_an_error_of_s3_is_an_error() -> None:
    """The variant may be there."""

    def fail(**_: Any) -> None:
        raise error("503")

    bucket = Bucket()
    bucket.s3.head_object = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(ClientError):
        bucket.send(bucket.put())
    assert bucket.events.requests == []
