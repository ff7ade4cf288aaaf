"""Requests that fail: what was published from the present original stays, with its outcome."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from processor.change import UNKNOWN_SEQUENCER, Change
from processor.errors import TOO_COSTLY, OutOfTimeError
from processor.images import Recipe, Rendered, Rendition
from processor.images.recipe import Png, Resize
from processor.pipeline import process
from processor.sqs.message import Delivery
from tests.unit.processor.clouds import NoGuard, error
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.pipelines import (
    Cloud,
    Refusing,
    created,
)

KEY = "a.png"
OWN = ("sequencer", "owner", "updated", "failed_request")
"""Fields that a failed request changes."""


def png(*names: str, width: int | None = None) -> Recipe:
    """A recipe of renditions with these names."""
    resize = Resize(width=width, enlarge=True) if width else None
    return Recipe([Rendition(name, Png(), resize=resize) for name in names])


def request(sequencer: str = "1.1", recipe: str = "other") -> Change:
    """A request."""
    return Change("requested", KEY, "2026-05-01T12:00:00.000Z", sequencer, recipe=recipe)


def outcome(entry: dict[str, Any]) -> dict[str, Any]:
    """All that a failed request leaves as it was."""
    return {name: each for name, each in entry.items() if name not in OWN}


@pytest.fixture
def cloud() -> Cloud:
    """Give a pipeline with an image that is done."""
    recipes = {
        "default": png("one", "two"),
        "other": png("one", "three", width=20),
        "too large": png("one", width=9_999),
    }
    cloud = Cloud({KEY: encoded(quarters(), "PNG")}, recipes)
    cloud.process(created(KEY))
    assert cloud.entries[KEY]["status"] == "done"
    return cloud


def refused(cloud: Cloud, *operations: str, number: int = 1, change: Change | None = None) -> None:
    """One delivery of a request, to services that refuse some operations."""
    cloud.s3.guard = Refusing(*operations)
    with pytest.raises(ClientError):
        cloud.process(change or request(), number)
    cloud.s3.guard = NoGuard()


def test_a_permanent_failure_is_recorded_beside_the_outcome(cloud: Cloud) -> None:
    """The entry and the objects are those before the request."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    cloud.process(request(recipe="too large"))
    entry = cloud.entries[KEY]
    assert outcome(entry) == outcome(before)
    assert cloud.renditions == stored
    failed = entry["failed_request"]
    assert failed.pop("time")
    assert failed.pop("message")
    assert failed == {"code": "too-large-rendition", "recipe": "too large"}
    assert entry["sequencer"].startswith("1.1")


@pytest.mark.parametrize(
    ("s3", "code"),
    [
        ("InvalidRequest", "forbidden"),
        ("KMS.DisabledException", "forbidden"),
        ("InvalidObjectState", "archived"),
    ],
)
def test_an_original_that_cannot_be_read_unpublishes_nothing(
    cloud: Cloud, s3: str, code: str
) -> None:
    """It may be the one that was rendered, as far as anybody knows."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    cloud.s3.guard = Refusing("GetObject", code=s3)
    cloud.process(request())
    assert outcome(cloud.entries[KEY]) == outcome(before)
    assert cloud.entries[KEY]["failed_request"]["code"] == code
    assert cloud.renditions == stored


def test_an_upload_that_cannot_be_read_fails(cloud: Cloud) -> None:
    """It is another original than the one that was rendered: that is no longer published."""
    cloud.s3.guard = Refusing("GetObject", code="InvalidObjectState")
    cloud.process(created(KEY, "2"))
    assert (cloud.entries[KEY]["status"], cloud.entries[KEY]["error"]["code"]) == (
        "failed",
        "archived",
    )
    assert not cloud.renditions


def test_the_same_bytes_written_again_are_the_same_original(cloud: Cloud) -> None:
    """As when an object is copied onto itself, into another storage class."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    cloud.s3.guard = Refusing("GetObject", code="InvalidObjectState")
    cloud.process(Change("created", KEY, before["timestamp"], "2", 1, before["etag"]))
    assert outcome(cloud.entries[KEY]) == outcome(before)
    assert cloud.renditions == stored


def test_another_original_takes_the_old_renditions_along(cloud: Cloud) -> None:
    """They show what is no longer there, though its own event has not come yet."""
    cloud.put(KEY, b"text")
    cloud.process(request())
    entry, original = cloud.entries[KEY], cloud.s3.objects["raw", KEY]
    assert (entry["status"], entry["error"]["code"]) == ("failed", "unsupported-format")
    assert entry["etag"] == original.etag.strip('"')
    assert not {"published", "failed_request", "renditions"} & entry.keys()
    assert not cloud.renditions


def test_that_the_original_has_changed_is_remembered(cloud: Cloud) -> None:
    """The next attempt cannot read it, but knows from the one before that it is another."""
    cloud.put(KEY, encoded(quarters(), "JPEG"))
    refused(cloud, "PutObject")
    cloud.s3.guard = Refusing("GetObject", code="KMS.DisabledException")
    cloud.process(request(), number=2)
    assert cloud.entries[KEY]["status"] == "failed"
    assert not cloud.renditions


@pytest.mark.parametrize("kind", ["requested", "created"])
def test_an_original_that_is_gone_takes_everything_along(cloud: Cloud, kind: Any) -> None:
    """Nothing is published of what was deleted."""
    del cloud.s3.objects["raw", KEY]
    etag = cloud.entries[KEY]["etag"]
    cloud.process(Change(kind, KEY, "2026-05-01T12:00:00.000Z", "2", etag=etag))
    assert cloud.entries[KEY]["status"] == ("deleted" if kind == "requested" else "failed")
    assert not cloud.renditions


@pytest.mark.parametrize("end", ["succeeds", "new original"])
def test_a_failed_request_is_forgotten(cloud: Cloud, end: str) -> None:
    """When a later request succeeds, or another original comes."""
    cloud.process(request(recipe="too large"))
    if end == "succeeds":
        cloud.process(request("1.2"))
    else:
        cloud.put(KEY, encoded(quarters(), "JPEG"))
        cloud.process(created(KEY, "2"))
    assert cloud.entries[KEY]["status"] == "done"
    assert not {"failed_request", "published"} & cloud.entries[KEY].keys()


def test_the_newest_failed_request_is_told(cloud: Cloud) -> None:
    """The one before it is no longer."""
    before = dict(cloud.entries[KEY])
    cloud.process(request(recipe="too large"))
    cloud.s3.guard = Refusing("GetObject", code="KMS.DisabledException")
    cloud.process(request("1.2"))
    assert cloud.entries[KEY]["failed_request"]["code"] == "forbidden"
    assert outcome(cloud.entries[KEY]) == outcome(before)


def test_while_a_request_is_processed_the_outcome_is_kept(cloud: Cloud) -> None:
    """A transient error gives the claim back; the outcome comes back with whatever fails."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    refused(cloud, "GetObject")
    assert cloud.entries[KEY]["status"] == "processing"
    assert cloud.entries[KEY]["renditions"] == before["renditions"]
    cloud.process(request("1.2", "too large"))
    assert outcome(cloud.entries[KEY]) == outcome(before)
    assert cloud.renditions == stored


def test_giving_up_keeps_what_was_published_and_a_redrive_tries_again(cloud: Cloud) -> None:
    """The message is in the dead-letter queue, and its reason is in the entry."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    for number in (1, 2, 3):
        refused(cloud, "GetObject", number=number)
    entry = cloud.entries[KEY]
    assert outcome(entry) == outcome(before)
    assert cloud.renditions == stored
    failed = entry["failed_request"]
    assert (failed["code"], failed["retry"]["code"]) == ("gave-up", "ClientError")
    assert "darkroom redrive" in failed["message"]
    cloud.process(request())
    assert {each["name"] for each in cloud.entries[KEY]["renditions"]} == {"one", "three"}
    assert "failed_request" not in cloud.entries[KEY]


def test_a_permanent_failure_is_not_tried_again(cloud: Cloud) -> None:
    """A message that comes again is a duplicate."""
    cloud.process(request(recipe="too large"))
    before = dict(cloud.entries[KEY])
    cloud.process(request(recipe="too large"))
    assert cloud.entries[KEY] == before


def test_what_a_request_has_replaced_before_it_failed_is_told(cloud: Cloud) -> None:
    """Of two renditions the first was stored, the second never: the entry has what is there."""
    before, stored = cloud.entries[KEY], dict(cloud.renditions)
    write = cloud.s3.put_object

    def but_three(**named: Any) -> dict[str, Any]:
        if "three" in named["Key"]:
            raise error("SlowDown", "PutObject")
        return write(**named)

    cloud.s3.put_object = but_three  # type: ignore[method-assign]
    for number in (1, 2, 3):
        with pytest.raises(ClientError):
            cloud.process(request(), number)
    cloud.s3.put_object = write  # type: ignore[method-assign]
    one, two = cloud.entries[KEY]["renditions"]
    now = cloud.renditions
    assert now.keys() == stored.keys() == {one["key"], two["key"]}
    assert two == before["renditions"][1]
    assert one["etag"] == now[one["key"]].etag.strip('"')
    assert (one["width"], one["bytes"]) == (20, len(now[one["key"]].data))
    assert now[two["key"]] == stored[two["key"]]
    cloud.process(request())
    assert {each["name"] for each in cloud.entries[KEY]["renditions"]} == {"one", "three"}


def test_a_request_that_fails_after_all_was_stored_keeps_that(cloud: Cloud) -> None:
    """The older renditions are removed by then: the new ones are all that there is."""
    put = cloud.dynamodb.update_item

    def but_done(**named: Any) -> Any:
        if named["ExpressionAttributeValues"][":new_status"] == {"S": "done"}:
            raise error("ThrottlingException", "UpdateItem")
        return put(**named)

    cloud.dynamodb.update_item = but_done  # type: ignore[method-assign]
    refused(cloud, "none")
    cloud.dynamodb.update_item = put  # type: ignore[method-assign]
    for number in (2, 3):
        refused(cloud, "GetObject", number=number)
    entry, stored = cloud.entries[KEY], cloud.renditions
    assert (entry["status"], entry["failed_request"]["code"]) == ("done", "gave-up")
    assert {each["name"] for each in entry["renditions"]} == {"one", "three"}
    assert {each["key"]: each["etag"] for each in entry["renditions"]} == {
        key: each.etag.strip('"') for key, each in stored.items()
    }


def test_storage_that_cannot_be_read_hinders_no_end(cloud: Cloud) -> None:
    """The entry has the renditions that it had."""
    before = dict(cloud.entries[KEY])
    refused(cloud, "GetObject", "ListObjectsV2", number=3)
    assert outcome(cloud.entries[KEY]) == outcome(before)
    assert cloud.entries[KEY]["failed_request"]["code"] == "gave-up"


@pytest.fixture
def held(cloud: Cloud) -> Callable[[int], tuple[Any, Delivery]]:
    """Give a way to claim the request by one of its deliveries."""

    def claim(number: int) -> tuple[Any, Delivery]:
        delivery = Delivery("message", number, is_last=number == 3, remaining=lambda: 60)
        return cloud.deliveries.claim(request(), delivery), delivery

    return claim


def test_a_failure_in_advance_becomes_the_outcome_of_a_crash(
    cloud: Cloud,
    held: Callable[[int], tuple[Any, Delivery]],
) -> None:
    """What was published stays, and a redrive tries again."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    job, delivery = held(3)
    cloud.deliveries.fail_in_advance(job, TOO_COSTLY)
    assert cloud.entries[KEY]["status"] == "processing"
    # The function dies, and the lease ends.
    cloud.use(claims=replace(cloud.pipeline.claims, clock=lambda: 1e12))
    expired = Change("expired", KEY, "2026-05-01T12:00:00.000Z", UNKNOWN_SEQUENCER)
    assert cloud.deliveries.claim(expired, delivery) is None
    assert cloud.entries[KEY]["failed_request"]["code"] == "too-costly"
    assert outcome(cloud.entries[KEY]) == outcome(before)
    assert cloud.renditions == stored
    job, delivery = held(1)
    cloud.deliveries.complete(job, delivery)
    assert {each["name"] for each in cloud.entries[KEY]["renditions"]} == {"one", "three"}
    assert not {"failed_request", "published", "lease"} & cloud.entries[KEY].keys()


@pytest.mark.parametrize("end", ["well", "badly", "refused", "memory"])
def test_an_attempt_goes_on_after_its_failure_was_recorded(
    cloud: Cloud,
    held: Callable[[int], tuple[Any, Delivery]],
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    """How it ends is what counts, and what was published stays unless it ends well."""
    before = dict(cloud.entries[KEY])
    job, delivery = held(3)
    cloud.deliveries.fail_in_advance(job, TOO_COSTLY)
    if end == "badly":
        cloud.s3.guard = Refusing("GetObject", code="KMS.DisabledException")
    if end == "refused":
        cloud.s3.guard = Refusing("GetObject")
    if end == "memory":

        def hungry(*_: object, **_named: object) -> Rendered:
            raise MemoryError

        monkeypatch.setattr(process, "render", hungry)
    try:
        cloud.deliveries.complete(job, delivery)
    except (ClientError, OutOfTimeError):
        assert end == "refused"
    except MemoryError:
        cloud.pipeline.refuse(job, TOO_COSTLY)
    entry = cloud.entries[KEY]
    if end == "well":
        assert {each["name"] for each in entry["renditions"]} == {"one", "three"}
        assert "failed_request" not in entry
    else:
        assert outcome(entry) == outcome(before)
        codes = {"badly": "forbidden", "refused": "gave-up", "memory": "too-costly"}
        assert entry["failed_request"]["code"] == codes[end]


@pytest.mark.parametrize("status", ["review", "rejected"])
def test_a_review_stays(cloud: Cloud, status: str) -> None:
    """Nothing of it is published, neither before nor after, and its execution still has it."""
    entry = cloud.entries[KEY]
    del entry["renditions"]
    cloud.s3.objects = {at: each for at, each in cloud.s3.objects.items() if at[0] == "raw"}
    entry |= {"status": status, "review": {"reasons": []}}
    entry |= {"status_shard": f"{status}/{entry['shard']}"}
    if status == "review":
        entry |= {"owner": "workflow:e", "execution": "e", "review_token": "secret"}
        entry |= {"lease": 1e12, "message": "e", "attempts": 1}
    before = dict(entry)
    for number in (1, 2, 3):
        refused(cloud, "PutObject", number=number)
    entry = cloud.entries[KEY]
    assert outcome(entry) == outcome(before)
    assert (entry["owner"] == "workflow:e") == (status == "review")
    assert not cloud.renditions
    cloud.process(request())
    assert cloud.entries[KEY]["status"] == "done", "a redrive is no duplicate"


def test_what_never_was_published_fails(cloud: Cloud) -> None:
    """A request for an image that has failed leaves its entry at that."""
    cloud.put(KEY, b"text")
    cloud.process(created(KEY, "2"))
    cloud.process(request("2.1"))
    entry = cloud.entries[KEY]
    assert (entry["status"], entry["error"]["code"]) == ("failed", "unsupported-format")
    assert "failed_request" not in entry


def test_what_was_brought_back_late_is_put_right(cloud: Cloud) -> None:
    """An older request's late write is found, and the failed request is still reported."""
    stored = dict(cloud.renditions)
    delivery = Delivery("old", 1, is_last=False, remaining=lambda: 60)
    older = cloud.deliveries.claim(request(), delivery)
    assert older
    cloud.process(request("1.2", "too large"))
    cloud.deliveries.complete(older, delivery)
    entry = cloud.entries[KEY]
    assert (entry["status"], entry["failed_request"]["recipe"]) == ("done", "too large")
    assert {key: each.data for key, each in cloud.renditions.items()} == {
        key: each.data for key, each in stored.items()
    }
    assert {each["key"]: each["etag"] for each in entry["renditions"]} == {
        key: each.etag.strip('"') for key, each in cloud.renditions.items()
    }
