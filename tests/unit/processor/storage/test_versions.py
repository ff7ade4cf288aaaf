"""Versions of originals: which can be restored, until when, and what a restore copies."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processor.catalog.entries import Entry
from processor.storage.versions import (
    RestoreError,
    Version,
    choose,
    histories,
    history,
    restorable,
    restore,
)
from tests.unit.processor.clouds import error
from tests.unit.processor.versioned import BEGIN, VersionedBucket


@pytest.fixture
def bucket() -> VersionedBucket:
    """Return an empty bucket."""
    return VersionedBucket()


def code(bucket: VersionedBucket, key: str, version_id: str | None = None, days: int = 7) -> str:
    """Return the code of the error with which a version is refused."""
    client: Any = bucket
    with pytest.raises(RestoreError) as raised:
        choose(key, history(client, "raw", key), version_id, days, bucket.time)
    return raised.value.code


def chosen(bucket: VersionedBucket, key: str, version_id: str | None = None) -> Version:
    """Return the version that is restored."""
    client: Any = bucket
    return choose(key, history(client, "raw", key), version_id, 7, bucket.time)


@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_histories_of_keys(bucket: VersionedBucket, page_size: int) -> None:
    """Versions and markers of each key come together, the latest first, also over pages."""
    bucket.put("b")
    bucket.put("a")
    bucket.delete("a")
    bucket.put("a", 2)
    bucket.put("ä")
    bucket.put("folder/", 0)
    bucket.page_size = page_size
    client: Any = bucket
    found = [[each.id for each in versions] for versions in histories(client, "raw", "")]
    assert found == [["v4", "v3", "v2"], ["v1"], ["v5"]]
    after = [versions[0].key for versions in histories(client, "raw", "", "a")]
    assert after == ["b", "ä"]


def test_a_history_is_of_one_key(bucket: VersionedBucket) -> None:
    """A key that begins with another one has its own history; a missing key has none."""
    bucket.put("a/b")
    client: Any = bucket
    assert history(client, "raw", "a") == []
    bucket.put("a")
    (version,) = history(client, "raw", "a")
    assert (version.id, version.replaced, version.modified) == (
        "v2",
        None,
        BEGIN + timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("replaced", "days", "expires"),
    [
        # S3's example in "Lifecycle rules: based on an object's age".
        (datetime(2014, 1, 1, 10, 30, tzinfo=UTC), 3, datetime(2014, 1, 5, tzinfo=UTC)),
        (datetime(2014, 1, 1, tzinfo=UTC), 3, datetime(2014, 1, 4, tzinfo=UTC)),
        (datetime(2014, 1, 1, 23, 59, 59, tzinfo=UTC), 1, datetime(2014, 1, 3, tzinfo=UTC)),
    ],
)
def test_a_version_expires_at_midnight(replaced: datetime, days: int, expires: datetime) -> None:
    """S3 adds the days to when a version was replaced, and rounds up to midnight UTC."""
    version = Version("a", "v", replaced, replaced)
    assert version.expires(days) == expires
    assert not version.is_expired(days, expires - timedelta(seconds=1))
    assert version.is_expired(days, expires)


def test_the_newest_version_of_a_deleted_key_is_restorable(bucket: VersionedBucket) -> None:
    """A key that exists is not, nor one whose versions have expired or are gone."""
    client: Any = bucket

    def found(now: datetime) -> str | None:
        version = restorable(history(client, "raw", "a"), 7, now)
        return version.id if version else None

    bucket.put("a")
    bucket.put("a")
    assert found(bucket.time) is None
    bucket.delete("a")
    bucket.delete("a")
    assert found(bucket.time) == "v2"
    assert found(bucket.time + timedelta(days=9)) is None
    del bucket.written[:2]
    assert found(bucket.time) is None


def test_what_is_chosen(bucket: VersionedBucket) -> None:
    """The newest version of a deleted key, or the named one, also of a key that exists."""
    bucket.put("a")
    bucket.put("a")
    assert chosen(bucket, "a", "v1").id == "v1"
    bucket.delete("a")
    assert chosen(bucket, "a").id == "v2"
    assert chosen(bucket, "a", "v1").id == "v1"


def test_why_nothing_is_restored(bucket: VersionedBucket) -> None:
    """Each reason has a code."""
    assert code(bucket, "a") == "nothing-to-restore"
    assert code(bucket, "a", days=0) == "undelete-off"
    bucket.put("a")
    assert code(bucket, "a") == "not-deleted"
    assert code(bucket, "a", "v1") == "not-deleted"
    assert code(bucket, "a", "v9") == "unknown-version"
    bucket.delete("a")
    assert code(bucket, "a", "v2") == "unknown-version"
    bucket.time += timedelta(days=9)
    assert code(bucket, "a") == code(bucket, "a", "v1") == "version-expired"
    del bucket.written[0]
    assert code(bucket, "a") == "nothing-to-restore"


def restored(bucket: VersionedBucket, entry: Entry | None = None) -> dict[str, Any]:
    """Restore a deleted original; return the parameters of the copy."""
    client: Any = bucket
    created = restore(client, "raw", chosen(bucket, "a"), entry)
    assert created == bucket.written[-1]["VersionId"]
    (request,) = bucket.copies
    return request


def test_a_restore_is_a_copy(bucket: VersionedBucket) -> None:
    """The version is copied onto its key with its own metadata; tags need other permissions."""
    bucket.put("a", Metadata={"recipe": "shop"})
    bucket.delete("a")
    assert restored(bucket) == {
        "Bucket": "raw",
        "Key": "a",
        "CopySource": {"Bucket": "raw", "Key": "a", "VersionId": "v1"},
        "TaggingDirective": "REPLACE",
    }


def test_a_restore_has_the_recipe_of_the_last_outcome(bucket: VersionedBucket) -> None:
    """A request's recipe becomes the original's own; all other metadata stays."""
    bucket.put("a", ContentType="image/png", Metadata={"owner": "x", "recipe": "shop"})
    bucket.delete("a")
    request = restored(bucket, {"deleted": {"version_id": "v1", "recipe": "avatar"}})
    assert request["MetadataDirective"] == "REPLACE"
    assert request["Metadata"] == {"owner": "x", "recipe": "avatar"}
    assert request["ContentType"] == "image/png"


def test_a_restore_has_an_inline_recipe(bucket: VersionedBucket) -> None:
    """Metadata is ASCII: other characters are escaped in the recipe's JSON."""
    recipe = '{"renditions":[{"name":"a","watermark":{"text":"© ü"}}]}'
    bucket.put("a")
    bucket.delete("a")
    found = restored(bucket, {"version_id": "v1", "recipe": recipe})["Metadata"]["recipe"]
    assert found.isascii()
    assert json.loads(found) == json.loads(recipe)


@pytest.mark.parametrize(
    "entry",
    [
        {"deleted": {"version_id": "v0", "recipe": "avatar"}},
        {"version_id": "v1", "recipe": "default"},
        {"version_id": "v1", "recipe": f'{{"renditions":["{"x" * 2048}"]}}'},
        {"status": "deleted"},
    ],
    ids=["of another version", "its own", "too long for metadata", "unknown"],
)
def test_a_restore_keeps_its_own_recipe(bucket: VersionedBucket, entry: Entry) -> None:
    """The copy has the version's metadata if no other recipe is known for it."""
    bucket.put("a")
    bucket.delete("a")
    assert "Metadata" not in restored(bucket, entry)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [("NoSuchVersion", "unknown-version"), ("InvalidObjectState", "archived")],
)
def test_a_copy_that_s3_refuses(bucket: VersionedBucket, failure: str, expected: str) -> None:
    """A version that has just been deleted, or is archived, has a code."""
    bucket.put("a")
    bucket.delete("a")
    bucket.failure = error(failure)
    with pytest.raises(RestoreError) as raised:
        restored(bucket)
    assert raised.value.code == expected


def test_a_version_that_is_too_large_to_copy(bucket: VersionedBucket) -> None:
    """S3 copies at most 5 GB in one request."""
    bucket.put("a", 5 * 2**30 + 1)
    bucket.delete("a")
    with pytest.raises(RestoreError) as raised:
        restored(bucket)
    assert raised.value.code == "too-many-bytes"
