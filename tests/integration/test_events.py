"""Events of outcomes, from the catalog's stream to a queue on the stack's bus."""

from collections.abc import Callable, Iterator

import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.events.outcomes import event_id

from .bus import Inbox, inbox
from .waiting import wait_for


@pytest.fixture
def events(cloud: Cloud) -> Iterator[Inbox]:
    """Yield a queue that receives the stack's events."""
    with inbox(cloud) as found:
        yield found


def test_each_outcome_has_an_event(
    cloud: Cloud,
    events: Inbox,
    put: Callable[[str, bytes], None],
    outcome: Callable[..., Entry],
    key: str,
    sample: Callable[[str], bytes],
) -> None:
    """An upload, a replacement, a broken file and a removal have one event each, with what the
    entry says.
    """
    put(key, sample("coffee.png"))
    first = outcome(key)
    wait_for(lambda: events.statuses(key) == ["done"])
    (event,) = events.of(key)
    assert event["id"] == event_id(key, first["sequencer"], "done")
    assert event["version"] == first["sequencer"]
    assert event["time"] == first["updated"]
    assert event["recipe"] == first["recipe"]
    assert event["correlationId"] == first["correlation_id"]
    assert event["statusBefore"] == "processing"
    assert [(each["key"], each["etag"]) for each in event["renditions"]] == [
        (each["key"], each["etag"]) for each in first["renditions"]
    ]
    put(key, sample("coffee.png"))
    second = outcome(key, first)
    put(key, b"no image")
    third = outcome(key, second)
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    outcome(key, third)
    wait_for(lambda: len(events.of(key)) == 4)
    assert events.statuses(key) == ["done", "done", "failed", "deleted"]
    failed = next(each for each in events.of(key) if each["status"] == "failed")
    assert failed["error"] == third["error"]
    assert "renditions" not in failed
