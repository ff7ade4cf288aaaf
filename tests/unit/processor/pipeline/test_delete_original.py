"""Originals that are deleted after processing: when, and what their removal means.

The bucket is not versioned, as with originals from before its versioning; at the end, it is.
test_schedules.py plays all orders of calls.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from processor.catalog.metadata import Edit, FocalPoint, OriginalDeletedError, save
from processor.change import Change
from processor.sqs.reprocess import new_request
from tests.unit.processor.clouds import error
from tests.unit.processor.pipeline.pipelines import SETTINGS, Cloud, created
from tests.unit.processor.pipeline.world import World, check_purged

KEY = "a.png"
TIME = "2026-05-01T12:00:00.000Z"


@pytest.fixture
def cloud(sample: Callable[[str], bytes]) -> Cloud:
    """Return a pipeline that deletes originals, with one."""
    cloud = Cloud({KEY: sample("flower.jpg")})
    settings = structs.replace(SETTINGS, delete_original="after-processing")
    cloud.use(settings=settings)
    return cloud


def upload(cloud: Cloud, sequencer: str = "1") -> Change:
    """Return the event of the original that is there."""
    etag = cloud.s3.objects["raw", KEY].etag.strip('"')
    return replace(created(KEY, sequencer), etag=etag)


def removed(sequencer: str = "2") -> Change:
    """Return the event of a removal."""
    return Change("removed", KEY, TIME, sequencer)


def request(cloud: Cloud, kind: str = "requested") -> Change:
    """Return a request that is newer than the entry."""
    return new_request(KEY, TIME, cloud.entries[KEY]["sequencer"], kind=kind)  # type: ignore[arg-type]


def test_it_is_deleted_with_the_outcome(cloud: Cloud) -> None:
    """Its own removal event changes nothing, however often it comes."""
    cloud.process(upload(cloud))
    assert ("raw", KEY) not in cloud.s3.objects
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    assert (before["status"], before["original"], len(stored)) == ("done", "deleted", 3)
    for _ in range(2):
        cloud.process(removed())
    cloud.process(replace(removed("3"), kind="version-removed"))
    assert (cloud.entries[KEY], cloud.renditions) == (before, stored)


def test_nothing_is_deleted_before_the_outcome(cloud: Cloud) -> None:
    """A commit that fails leaves the original; the message comes again."""
    write = cloud.dynamodb.update_item

    def refused(**named: object) -> object:
        if named["ExpressionAttributeValues"][":new_status"] == {"S": "done"}:  # type: ignore[index]
            raise error("ThrottlingException", "UpdateItem")
        return write(**named)  # type: ignore[arg-type]

    cloud.dynamodb.update_item = refused  # type: ignore[method-assign, assignment]
    change = upload(cloud)
    with pytest.raises(ClientError):
        cloud.process(change)
    assert ("raw", KEY) in cloud.s3.objects
    cloud.dynamodb.update_item = write  # type: ignore[method-assign]
    cloud.process(change, 2)
    assert ("raw", KEY) not in cloud.s3.objects


def test_a_crash_after_the_commit(cloud: Cloud) -> None:
    """The next receive deletes the original, though its outcome is there."""
    delete = cloud.s3.delete_object

    def refused(**_: str) -> None:
        raise error("SlowDown", "DeleteObject")

    cloud.s3.delete_object = refused  # type: ignore[method-assign, assignment]
    change = upload(cloud)
    with pytest.raises(ClientError):
        cloud.process(change)
    before = dict(cloud.entries[KEY])
    assert (before["status"], ("raw", KEY) in cloud.s3.objects) == ("done", True)
    cloud.s3.delete_object = delete  # type: ignore[method-assign]
    cloud.process(change, 2)
    assert ("raw", KEY) not in cloud.s3.objects
    assert cloud.entries[KEY] == before


def test_an_attempt_that_was_taken_over(cloud: Cloud) -> None:
    """It finds no original, and deletes no renditions of the outcome after which it was deleted."""
    data = cloud.s3.objects["raw", KEY].data
    cloud.process(upload(cloud))
    cloud.put(KEY, data + b"another one")
    fetch, change = cloud.s3.get_object, upload(cloud, "2")

    def late(**named: Any) -> Any:
        cloud.s3.get_object = fetch  # type: ignore[method-assign]
        cloud.process(change, 2)
        return fetch(**named)

    cloud.s3.get_object = late  # type: ignore[method-assign, assignment]
    cloud.process(change, seconds=-1000)
    assert ("raw", KEY) not in cloud.s3.objects
    assert (cloud.entries[KEY]["status"], len(cloud.renditions)) == ("done", 3)


def test_a_newer_original_is_not_deleted(cloud: Cloud) -> None:
    """A redelivery compares the bytes: others are another upload."""
    change = upload(cloud)
    cloud.process(change)
    cloud.put(KEY, b"another one")
    cloud.process(change, 2)
    assert ("raw", KEY) in cloud.s3.objects
    cloud.process(upload(cloud, "5"))
    assert cloud.entries[KEY]["status"] == "failed"
    assert "original" not in cloud.entries[KEY]
    assert ("raw", KEY) in cloud.s3.objects


def test_a_failed_image_keeps_its_original(cloud: Cloud) -> None:
    """Somebody may want to correct it; a removal deletes the image then."""
    cloud.put(KEY, b"no image")
    cloud.process(upload(cloud))
    assert ("raw", KEY) in cloud.s3.objects
    del cloud.s3.objects["raw", KEY]
    cloud.process(removed())
    assert cloud.entries[KEY]["status"] == "deleted"


def test_what_cannot_be_made_any_more(cloud: Cloud) -> None:
    """A request fails with the reason, and what is published stays."""
    cloud.process(upload(cloud))
    stored = dict(cloud.renditions)
    cloud.process(request(cloud))
    entry = cloud.entries[KEY]
    assert (entry["status"], entry["original"]) == ("done", "deleted")
    assert entry["failed_request"]["code"] == "original-deleted"
    assert cloud.renditions == stored
    # The removal may come later than the request.
    cloud.process(removed())
    assert cloud.renditions == stored
    catalog = cloud.pipeline.claims.catalog
    known = catalog.get(KEY)
    assert known
    with pytest.raises(OriginalDeletedError):
        save(catalog, known, Edit(focal_point=FocalPoint(0, 0)), None)
    assert save(catalog, known, Edit(alt="A flower"), None)["alt"] == "A flower"


def test_the_same_file_again(cloud: Cloud) -> None:
    """If it was deleted with the first one, the image stays as it is."""
    change = upload(cloud)
    cloud.process(change)
    cloud.process(replace(change, sequencer="5"))
    assert (cloud.entries[KEY]["status"], len(cloud.renditions)) == ("done", 3)


def test_an_image_is_discarded(cloud: Cloud) -> None:
    """Only that deletes an image whose original is gone; a late removal changes nothing."""
    cloud.process(upload(cloud))
    cloud.process(request(cloud, "discarded"))
    assert (cloud.entries[KEY]["status"], cloud.renditions) == ("deleted", {})
    assert "original" not in cloud.entries[KEY]
    cloud.process(removed())
    assert cloud.entries[KEY]["status"] == "deleted"


def test_a_focal_point_that_was_edited_meanwhile(cloud: Cloud) -> None:
    """The original stays until the renditions follow it."""
    write = cloud.dynamodb.update_item
    catalog = cloud.pipeline.claims.catalog

    def edited(**named: object) -> object:
        if named["ExpressionAttributeValues"].get(":new_status") == {"S": "done"}:  # type: ignore[attr-defined]
            cloud.dynamodb.update_item = write  # type: ignore[method-assign]
            entry = catalog.get(KEY)
            assert entry
            save(catalog, entry, Edit(focal_point=FocalPoint(0, 0)), None)
        return write(**named)  # type: ignore[arg-type]

    cloud.dynamodb.update_item = edited  # type: ignore[method-assign, assignment]
    cloud.process(upload(cloud))
    entry = cloud.entries[KEY]
    assert entry["rendered_focal_point"] == {"x": 0, "y": 0}
    assert ("raw", KEY) not in cloud.s3.objects


@pytest.mark.parametrize("calls", [2, 99], ids=["while it is rendered", "when it is done"])
def test_the_same_bytes_again(calls: int) -> None:
    """The version that was rendered is deleted, and the newer one is processed."""
    with World(purges=True) as world:
        at_work = world.receive(world.upload("a", b"one:thumb"))
        at_work.steps(calls)
        world.upload("a", b"one:thumb")
        at_work.steps()
        world.drain()
        check_purged(world)
        assert world.dynamodb.items["a"]["version_id"] == "v2"


@pytest.mark.parametrize("calls", [2, 99], ids=["while it is rendered", "when it is done"])
def test_somebody_removes_the_original(calls: int) -> None:
    """The image is deleted, because the removal cannot be that of the pipeline."""
    with World(purges=True) as world:
        at_work = world.receive(world.upload("a", b"one:thumb"))
        at_work.steps(calls)
        world.remove("a")
        at_work.steps()
        world.drain()
        check_purged(world)
        assert world.dynamodb.items["a"]["status"] == "deleted"


def test_an_older_version_does_not_come_back() -> None:
    """It is deleted before the one that replaced it, and after none that was processed."""
    with World(purges=True) as world:
        world.upload("a", b"bad:thumb")
        world.drain()
        world.upload("a", b"two:thumb")
        world.drain()
        check_purged(world)
        assert world.versions["a"] == []


def test_an_older_change_that_finds_a_newer_upload_leaves_it() -> None:
    """Messages of changes in between would find no original: the upload's own event deletes it."""
    with World(purges=True) as world:
        removal = world.receive(world.remove("a"))
        removal.steps(1)
        world.receive(world.upload("a", b"one:thumb")).steps(1)
        world.receive(world.upload("a", b"one:web")).steps(1)
        removal.steps()
        assert "original" not in world.dynamodb.items["a"]
        world.drain()
        check_purged(world)
        assert world.dynamodb.items["a"]["original"] == "deleted"
