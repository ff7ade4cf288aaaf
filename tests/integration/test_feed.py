"""The change feed of a deployed stack."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry

from .site import Site
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


class Reader:
    """Follows the feed of a stack, and keeps what it says of keys with a prefix."""

    def __init__(self, site: Site, prefix: str) -> None:
        self.site, self.prefix = site, prefix
        self.cursor = self.get("now")["next"]
        self.changes: list[dict[str, Any]] = []

    def get(self, since: str, wait: int = 0) -> dict[str, Any]:
        """Return a page."""
        return dict(self.site.api("GET", f"images?since={since}&wait={wait}").json())

    def read(self, wait: int = 0) -> list[tuple[str, str]]:
        """Read a page; return key and status of all changes so far."""
        page = self.get(self.cursor, wait)
        self.cursor = page["next"]
        self.changes += [each for each in page["changes"] if each["key"].startswith(self.prefix)]
        return [(each["key"], each["status"]) for each in self.changes]


@pytest.fixture
def reader(site: Site, prefix: str) -> Reader:
    """Return a reader that has just begun."""
    return Reader(site, prefix)


def test_every_outcome_is_in_the_feed(
    cloud: Cloud, reader: Reader, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """In the order of each key, to its deletion; with the images as they are."""
    good, bad = f"{prefix}good.jpg", f"{prefix}bad.png"
    put(good, sample("flower.jpg"))
    put(bad, b"no image")
    done = outcome(good)
    outcome(bad)
    wait_for(lambda: {(good, "done"), (bad, "failed")} <= set(reader.read()))
    found = next(each for each in reversed(reader.changes) if each["key"] == good)
    assert found["version"] == done["sequencer"]
    assert found["updated"] == done["updated"]
    assert found["image"]["renditions"]
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=good)
    wait_for(lambda: (good, "deleted") in reader.read())
    assert "image" not in reader.changes[-1]


def test_a_request_waits_for_a_change(
    reader: Reader, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """Several readers wait at the same time, and each has the change."""
    key = f"{prefix}it.jpg"
    readers = [reader, Reader(reader.site, prefix), Reader(reader.site, prefix)]

    def follow(each: Reader) -> float:
        wait_for(lambda: (key, "done") in each.read(wait=20))
        return time.time()

    with ThreadPoolExecutor() as pool:
        times = [pool.submit(follow, each) for each in readers]
        put(key, sample("flower.jpg"))
        outcome(key)
        assert all(each.result() for each in times)


def test_a_cursor_of_another_table_is_expired(site: Site) -> None:
    """The problem says how to start again."""
    response = site.api("GET", "images?since=999999999-1")
    assert (response.status_code, response.json()["code"]) == (410, "cursor-expired")


def test_nothing_new_has_no_body(site: Site, drained: Callable[[], None]) -> None:
    """With the ETag of the previous response."""
    drained()

    def is_unchanged() -> bool:
        start = site.api("GET", "images?since=now")
        tag = {"if-none-match": start.headers["etag"]}
        again = site.api("GET", f"images?since={start.json()['next']}", **tag)
        return (again.status_code, again.content) == (304, b"")

    wait_for(is_unchanged)
