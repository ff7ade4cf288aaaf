"""Originals that a lifecycle rule has deleted: renditions stay, and nothing new is rendered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from msgspec import structs

from processor.change import UNKNOWN_SEQUENCER, Change
from processor.errors import BusyError
from processor.sqs.reprocess import new_request
from tests.unit.processor.pipeline.pipelines import SETTINGS, Cloud, created

KEY = "a.png"
TIME = "2026-05-01T12:00:00.000Z"
UPLOADED = datetime.fromisoformat(TIME).timestamp()
DAY = 24 * 3600
EXPIRY = Change("original-expired", KEY, TIME, UNKNOWN_SEQUENCER)


@pytest.fixture
def cloud(sample: Callable[[str], bytes]) -> Cloud:
    """Return a pipeline with a published image, whose bucket deletes originals after a day."""
    cloud = Cloud({KEY: sample("flower.jpg")})
    cloud.use(settings=structs.replace(SETTINGS, originals_retention=1))
    etag = cloud.s3.objects["raw", KEY].etag.strip('"')
    cloud.process(replace(created(KEY, "1"), etag=etag))
    return cloud


def at(cloud: Cloud, days: float) -> None:
    """Let so many days pass since the upload."""
    claims = cloud.pipeline.claims
    cloud.use(claims=replace(claims, clock=lambda: UPLOADED + days * DAY))


def expire(cloud: Cloud) -> None:
    """Delete the original, as the lifecycle rule does."""
    del cloud.s3.objects["raw", KEY]


def request(cloud: Cloud) -> Change:
    """Return a request that is newer than the entry."""
    return new_request(KEY, TIME, cloud.entries[KEY]["sequencer"])


def test_the_entry_says_so(cloud: Cloud) -> None:
    """Nothing else changes, however often S3 reports it."""
    before, stored = dict(cloud.entries[KEY]), dict(cloud.renditions)
    expire(cloud)
    for _ in range(2):
        cloud.process(EXPIRY)
    after = dict(cloud.entries[KEY])
    assert after.pop("original") == "expired"
    assert {**after, "updated": before["updated"]} == before
    assert cloud.renditions == stored


def test_a_newer_original_has_not_expired(cloud: Cloud) -> None:
    """S3 reports each version: the key may have another one."""
    cloud.process(EXPIRY)
    assert "original" not in cloud.entries[KEY]


def test_an_attempt_in_progress_comes_first(cloud: Cloud) -> None:
    """The report waits for its end."""
    entry = cloud.entries[KEY]
    cloud.pipeline.claims.take(request(cloud), "message", 60)
    expire(cloud)
    with pytest.raises(BusyError):
        cloud.process(EXPIRY)
    assert "original" not in entry


@pytest.mark.parametrize("is_reported", [True, False])
def test_a_request_is_refused(cloud: Cloud, *, is_reported: bool) -> None:
    """With the reason; what is published stays, also if S3 has not reported the expiry yet."""
    stored = dict(cloud.renditions)
    at(cloud, 1)
    expire(cloud)
    if is_reported:
        cloud.process(EXPIRY)
    cloud.process(request(cloud))
    entry = cloud.entries[KEY]
    assert (entry["status"], entry["original"]) == ("done", "expired")
    assert entry["failed_request"]["code"] == "original-expired"
    assert cloud.renditions == stored


def test_a_missing_original_that_is_too_young_was_removed(cloud: Cloud) -> None:
    """Somebody has removed it: a request looks, and deletes the image."""
    at(cloud, 0.9)
    expire(cloud)
    cloud.process(request(cloud))
    assert (cloud.entries[KEY]["status"], cloud.renditions) == ("deleted", {})


@pytest.mark.parametrize("kind", ["removed", "discarded"])
def test_the_image_can_be_deleted(cloud: Cloud, kind: str) -> None:
    """By the removal of the key, or by a request."""
    at(cloud, 1)
    expire(cloud)
    cloud.process(EXPIRY)
    change = Change("removed", KEY, TIME, "2")
    if kind == "discarded":
        change = new_request(KEY, TIME, cloud.entries[KEY]["sequencer"], kind="discarded")
    cloud.process(change)
    assert (cloud.entries[KEY]["status"], cloud.renditions) == ("deleted", {})


def test_another_upload_is_an_original_again(cloud: Cloud, sample: Callable[[str], bytes]) -> None:
    """It is processed, and the entry no longer says expired."""
    expire(cloud)
    cloud.process(EXPIRY)
    cloud.put(KEY, sample("flower.jpg"))
    cloud.process(created(KEY, "5"))
    entry = cloud.entries[KEY]
    assert (entry["status"], "original" in entry) == ("done", False)
