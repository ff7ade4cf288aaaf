"""`POST /images/{key}/restore`."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.processor.api.conftest import Api, Result
from tests.unit.processor.clouds import error
from tests.unit.processor.versioned import VersionedBucket

KEY = "holiday%2Fbeach.jpg"
SEQUENCER = "0055AED6DCD90281E5".ljust(32, "0")


@pytest.fixture
def bucket(api: Api) -> VersionedBucket:
    """Return the raw bucket with an image that was replaced and deleted."""
    bucket = api.s3.versions = VersionedBucket(datetime.now(UTC) - timedelta(days=1))
    bucket.put("holiday/beach.jpg")
    bucket.put("holiday/beach.jpg")
    bucket.delete("holiday/beach.jpg")
    deleted = {"version_id": "v2", "recipe": "avatar"}
    api.table.add(
        filename="holiday/beach.jpg", status="deleted", sequencer=SEQUENCER, deleted=deleted
    )
    return bucket


def restore(api: Api, body: object, key: str = KEY) -> Result:
    """Send a request."""
    return api.call("POST", "/images/{key}/restore", body, key=key)


def test_a_deleted_image_is_restored(api: Api, bucket: VersionedBucket) -> None:
    """The newest version is copied, with its last recipe; its outcome has a greater version."""
    result = restore(api, {})
    assert result.status == 202
    assert result.body["key"] == "holiday/beach.jpg"
    assert (result.body["restored_from"], result.body["version_id"]) == ("v2", "v4")
    assert SEQUENCER < result.body["version"] < "0055AED6DCD90281E6"
    (copy,) = bucket.copies
    assert copy["Metadata"] == {"recipe": "avatar"}


def test_an_older_version_is_restored(api: Api, bucket: VersionedBucket) -> None:
    """The version is named; another version's recipe is not used for it."""
    result = restore(api, {"version_id": "v1"})
    assert (result.status, result.body["restored_from"]) == (202, "v1")
    (copy,) = bucket.copies
    assert "Metadata" not in copy


@pytest.mark.parametrize(
    ("body", "key", "status", "code"),
    [
        ({}, "other.jpg", 404, "nothing-to-restore"),
        ({"version_id": "v9"}, KEY, 404, "unknown-version"),
        ({"version_id": "v3"}, KEY, 404, "unknown-version"),
        ({"version_id": ""}, KEY, 400, "invalid-request"),
        ({"version": "v1"}, KEY, 400, "invalid-request"),
    ],
)
@pytest.mark.usefixtures("bucket")
def test_what_cannot_be_restored(api: Api, body: object, key: str, status: int, code: str) -> None:
    """Each reason is a problem document."""
    result = restore(api, body, key)
    assert (result.status, result.code) == (status, code)


def test_an_image_that_exists(api: Api, bucket: VersionedBucket) -> None:
    """It is not overwritten unless the request names an older version."""
    bucket.put("holiday/beach.jpg")
    for body in ({}, {"version_id": "v4"}):
        assert (restore(api, body).status, restore(api, body).code) == (409, "not-deleted")
    assert bucket.copies == []
    assert restore(api, {"version_id": "v2"}).status == 202


def test_an_expired_version(api: Api, bucket: VersionedBucket) -> None:
    """A version whose days are over is gone, even if S3 has not deleted it yet."""
    for each in bucket.written:
        each["LastModified"] -= timedelta(days=9)
    result = restore(api, {})
    assert (result.status, result.code) == (410, "version-expired")


def test_without_versioning(api: Api, bucket: VersionedBucket) -> None:
    """The problem names the parameter; S3 is not asked."""
    result = restore(api.with_settings(undelete_days=0), {})
    assert (result.status, result.code) == (409, "undelete-off")
    assert "UndeleteDays" in result.body["detail"]
    assert bucket.copies == []


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [("InvalidObjectState", 409, "archived"), ("NoSuchVersion", 404, "unknown-version")],
)
def test_a_copy_that_s3_refuses(
    api: Api, bucket: VersionedBucket, failure: str, status: int, code: str
) -> None:
    """An archived version, and one that has just been deleted, are problems of their own."""
    bucket.failure = error(failure)
    result = restore(api, {})
    assert (result.status, result.code) == (status, code)


def test_a_version_that_is_too_large_to_copy(api: Api, bucket: VersionedBucket) -> None:
    """S3 copies at most 5 GB."""
    bucket.written[1]["Size"] = 6 * 2**30
    result = restore(api, {})
    assert (result.status, result.code) == (413, "too-many-bytes")
