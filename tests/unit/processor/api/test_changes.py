"""``GET /images?since=…``: pages of changes, waiting, and expired cursors."""

from typing import Any

import pytest

from processor.api.changes import MAX_PAGE_BYTES
from processor.catalog.feed import RETENTION_SECONDS, Feed
from tests.unit.processor.api.conftest import Api, Result
from tests.unit.processor.api.table import rendition


def get(api: Api, since: str, headers: dict[str, str] | None = None, **query: Any) -> Result:
    """Return the response after a cursor."""
    return api.call("GET", "/images", query={"since": since, **query}, headers=headers)


def change(api: Api, *keys: str, **fields: Any) -> None:
    """Add entries, and record their changes."""
    feed = Feed(api.table.index, "index", api.clock.time)  # type: ignore[arg-type]
    feed.record([(None, api.table.add(filename=key, **fields)) for key in keys])


def keys(result: Result) -> list[str]:
    """Return the keys of a page."""
    return [each["key"] for each in result.body["changes"]]


def test_a_reader_starts_now(api: Api) -> None:
    """What has changed before is not in the feed; what changes later is, with the images."""
    change(api, "old.jpg")
    start = get(api, "now").body
    assert (start["changes"], start["more"]) == ([], False)
    change(api, "a.jpg", "b.jpg")
    page = get(api, start["next"])
    assert keys(page) == ["a.jpg", "b.jpg"]
    assert page.body["changes"][0]["image"]["key"] == "a.jpg"
    assert keys(get(api, page.body["next"])) == []


def test_pages_have_each_image_once(api: Api) -> None:
    """At its last change, in its present state; a deleted one has no image."""
    start = get(api, "now").body["next"]
    change(api, "a.jpg", "b.jpg")
    change(api, "a.jpg", status="failed")
    change(api, "gone.jpg", status="deleted")
    page = get(api, start)
    assert [(each["key"], each["status"]) for each in page.body["changes"]] == [
        ("b.jpg", "done"),
        ("a.jpg", "failed"),
        ("gone.jpg", "deleted"),
    ]
    assert "image" not in page.body["changes"][-1]
    first = get(api, start, limit=2)
    assert (keys(first), first.body["more"]) == (["a.jpg", "b.jpg"], True)
    rest = get(api, first.body["next"], limit=2)
    assert keys(rest) == ["a.jpg", "gone.jpg"]


def test_a_request_waits_for_a_change(api: Api) -> None:
    """It returns within a second of it, and without one when the time is up."""
    start, began = get(api, "now").body["next"], api.clock.now
    api.clock.schedule(7, lambda: change(api, "a.jpg"))
    assert keys(get(api, start, wait=20)) == ["a.jpg"]
    assert 7 <= api.clock.now - began < 8
    later = get(api, "now").body["next"]
    began = api.clock.now
    assert keys(get(api, later, wait=20)) == []
    assert api.clock.now - began == pytest.approx(20)


def test_a_stack_limits_the_wait(api: Api) -> None:
    """Each waiting request occupies an execution of the function."""
    limited = api.with_settings(feed_wait=0)
    start, began = get(limited, "now").body["next"], api.clock.now
    assert keys(get(limited, start, wait=20)) == []
    assert api.clock.now == began


def test_an_etag_saves_the_body(api: Api) -> None:
    """Until something has changed."""
    start = get(api, "now")
    tag = {"If-None-Match": start.headers["ETag"]}
    same = get(api, start.body["next"], tag)
    assert (same.status, same.body, same.headers["ETag"]) == (304, None, start.headers["ETag"])
    change(api, "a.jpg")
    assert get(api, start.body["next"], tag).status == 200


def test_a_cursor_expires(api: Api) -> None:
    """When changes after it are no longer kept; the problem says how to start again."""
    start = get(api, "now").body["next"]
    change(api, "a.jpg")
    api.clock.now += RETENTION_SECONDS + 1
    del api.table.index.items["feed", f"{1:016d}"]
    result = get(api, start)
    assert (result.status, result.code) == (410, "cursor-expired")
    assert "since=now" in result.body["detail"]


def test_an_idle_cursor_does_not_expire(api: Api) -> None:
    """Each response has one that is as fresh as the response."""
    change(api, "a.jpg")
    cursor = get(api, "now").body["next"]
    api.clock.now += RETENTION_SECONDS + 1
    cursor = get(api, cursor).body["next"]
    change(api, "b.jpg")
    assert keys(get(api, cursor)) == ["b.jpg"]


def test_a_page_is_not_too_large_for_lambda(api: Api) -> None:
    """It ends early where entries are large, and the next one continues."""
    start = get(api, "now").body["next"]
    huge = [rendition("k" * 1000, f"{number}.webp", 9, 9) for number in range(200)]
    names = [f"{number}.jpg" for number in range(8)]
    change(api, *names, renditions=huge)
    seen: list[str] = []
    while True:
        page = get(api, start)
        assert len(str(page.body)) < 2 * MAX_PAGE_BYTES
        seen += keys(page)
        start = page.body["next"]
        if not page.body["more"]:
            break
    assert seen == names


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"since": ""}, "invalid-cursor"),
        ({"since": "1"}, "invalid-cursor"),
        ({"since": "1-x"}, "invalid-cursor"),
        ({"since": "now", "wait": "21"}, "invalid-parameter"),
        ({"since": "now", "limit": "0"}, "invalid-parameter"),
        ({"since": "now", "status": "done"}, "invalid-search"),
        ({"since": ["now", "now"]}, "invalid-parameter"),
        ({"wait": "1"}, "invalid-search"),
    ],
)
def test_invalid_parameters_are_refused(api: Api, query: dict[str, Any], code: str) -> None:
    """With the reason."""
    result = api.call("GET", "/images", query=query)
    assert (result.status, result.code) == (400, code)
