"""``GET /images``."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.api import cursor, images
from processor.catalog.entries import Catalog, Place
from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.services import Table, rendition

TIMES = [f"2026-05-01T12:00:0{second}.000Z" for second in range(4)]


def fill(api: Api, count: int, **fields: Any) -> None:
    """Put that many entries, each a second older than the one before."""
    for number in range(count):
        time = datetime(2026, 5, 1, tzinfo=UTC) - timedelta(seconds=number)
        api.table.add(filename=f"{number}.jpg", timestamp=time.isoformat(), **fields)


def keys(api: Api, **query: Any) -> tuple[list[str], str | None]:
    """The keys of a page, and the cursor of the next one."""
    said = api.call("GET", "/images", query=query)
    assert said.status == 200
    return [each["key"] for each in said.body["images"]], said.body["next"]


def test_the_latest_upload_comes_first(api: Api) -> None:
    """Without parameters, a page has 24 pictures."""
    fill(api, 25)
    first, after = keys(api)
    assert first == [f"{number}.jpg" for number in range(24)]
    assert keys(api, cursor=after) == (["24.jpg"], None)


def test_a_page_that_is_just_full_may_be_the_last(api: Api) -> None:
    """The cursor is null when there are no more, and not only when a page is not full."""
    fill(api, 6)
    assert keys(api, limit=6) == ([f"{number}.jpg" for number in range(6)], None)
    assert keys(api, limit=5)[1] is not None


def test_there_may_be_nothing(api: Api) -> None:
    """A catalog without entries has one page."""
    assert keys(api) == ([], None)


@given(
    times=st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.sampled_from(TIMES)),
    limit=st.integers(1, 7),
    data=st.data(),
)
def test_pages_leave_nothing_out_and_repeat_nothing(
    times: dict[str, str], limit: int, data: st.DataObject
) -> None:
    """However many pictures share a time, and whatever is added or deleted between two pages."""
    api = Api()
    for key, time in times.items():
        api.table.add(filename=key, timestamp=time)
    everything = set(api.table.items)
    gone: set[str] = set()
    seen: list[str] = []
    after = None
    while True:
        page, after = keys(api, limit=limit, **({"cursor": after} if after else {}))
        seen += page
        if after is None:
            break
        assert len(page) == limit
        if gone_now := data.draw(st.sampled_from([None, *sorted(api.table.items)])):
            del api.table.items[gone_now]
            gone.add(gone_now)
        api.table.add(filename=f"new-{len(seen)}", timestamp="2026-05-02T00:00:00Z")
    assert len(set(seen)) == len(seen)
    assert everything - gone <= set(seen) <= everything
    assert [times[key] for key in seen] == sorted((times[key] for key in seen), reverse=True)


def test_a_page_reads_little_more_than_it_shows(api: Api) -> None:
    """Of each shard, as many entries as the page is likely to need."""
    fill(api, 400)
    keys(api, limit=23)
    assert api.table.read <= 3 * 23


def test_a_label_may_be_asked_for(api: Api) -> None:
    """Whatever its case, alone or beside a status, page by page."""
    for number in range(30):
        names = {0: ["cat", "animal"], 1: ["tree"], 2: None}[number % 3]
        api.table.add(
            filename=f"{number:02}",
            status="done" if number % 2 else "review",
            timestamp=f"2026-05-01T12:00:{59 - number}.000Z",
            **({"label_names": names} if names else {}),
        )
    cats = [f"{number:02}" for number in range(0, 30, 3)]
    assert keys(api, label="Cat")[0] == cats
    assert keys(api, label=" ANIMAL ")[0] == cats
    assert keys(api, label="dog") == ([], None)
    assert keys(api, label="cat", status="done")[0] == cats[1::2]
    first, after = keys(api, label="cat", limit=4)
    assert first == cats[:4]
    assert keys(api, label="cat", limit=100, cursor=after) == (cats[4:], None)


@pytest.mark.parametrize("status", ["processing", "done", "failed"])
def test_a_status_may_be_asked_for(api: Api, status: str) -> None:
    """Others are left out, over as many pages as it takes."""
    for state in ("processing", "done", "failed"):
        for number in range(3):
            api.table.add(filename=f"{state}-{number}", status=state, timestamp=TIMES[number])
    expected = [f"{status}-{number}" for number in (2, 1, 0)]
    assert keys(api, status=status)[0] == expected
    first, after = keys(api, status=status, limit=2)
    rest, end = keys(api, status=status, limit=2, cursor=after)
    assert [*first, *rest] == expected
    while end:
        rest, end = keys(api, status=status, limit=2, cursor=end)
        assert rest == []


def test_a_search_looks_at_a_bounded_number(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the page ends, empty as it may be, and the next one goes on from there."""
    monkeypatch.setattr(images, "LOOKED_AT", 40)
    fill(api, 400)
    api.table.items["399.jpg"]["status"] = "failed"
    found: list[str] = []
    after: dict[str, str] = {}
    calls = 0
    while calls == 0 or after:
        api.table.read = 0
        page, place = keys(api, status="failed", **after)
        found += page
        after = {"cursor": place} if place else {}
        calls += 1
        assert api.table.read <= 2 * 40
    assert found == ["399.jpg"]
    assert calls >= 400 / (2 * 40)


@given(
    failed=st.lists(st.booleans(), max_size=60),
    limit=st.integers(1, 5),
    looked_at=st.integers(4, 30),
)
def test_a_search_leaves_nothing_out(failed: list[bool], limit: int, looked_at: int) -> None:
    """Wherever its pages end: with the last match, or behind what was looked at."""
    api = Api()
    for number, is_failed in enumerate(failed):
        api.table.add(
            filename=f"{number}",
            status="failed" if is_failed else "done",
            timestamp=TIMES[number % len(TIMES)],
        )
    found: list[str] = []
    after: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(images, "LOOKED_AT", looked_at)
        while True:
            page, place = keys(api, status="failed", limit=limit, **after)
            found += page
            if place is None:
                break
            after = {"cursor": place}
    assert sorted(found) == sorted(str(each) for each, is_it in enumerate(failed) if is_it)
    times = [api.table.items[each]["timestamp"] for each in found]
    assert times == sorted(times, reverse=True)


def test_a_page_is_not_too_large_for_lambda(api: Api) -> None:
    """It ends early where entries are huge, and leaves out none."""
    huge = [rendition("k" * 1000, f"{number}.webp", 9, 9) for number in range(200)]
    fill(api, 8, renditions=huge)
    seen, after = keys(api, limit=100)
    assert 1 <= len(seen) < 8
    while after:
        page, after = keys(api, limit=100, cursor=after)
        seen += page
    assert seen == [f"{number}.jpg" for number in range(8)]


def test_what_was_deleted_is_not_listed(api: Api) -> None:
    """Neither without a shard, as it should be, nor with one."""
    api.table.add(filename="a", status="deleted", shard=None)
    api.table.add(filename="b", status="deleted")
    api.table.add(filename="c")
    assert keys(api)[0] == ["c"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "invalid-parameter"),
        ({"limit": "101"}, "invalid-parameter"),
        ({"limit": "-1"}, "invalid-parameter"),
        ({"limit": "1.0"}, "invalid-parameter"),
        ({"limit": "１"}, "invalid-parameter"),  # noqa: RUF001
        ({"limit": "²"}, "invalid-parameter"),
        ({"limit": " 1"}, "invalid-parameter"),
        ({"limit": ""}, "invalid-parameter"),
        ({"limit": "9" * 5000}, "invalid-parameter"),
        ({"limit": ["1", "1"]}, "invalid-parameter"),
        ({"status": "deleted"}, "invalid-parameter"),
        ({"status": "Done"}, "invalid-parameter"),
        ({"status": ""}, "invalid-parameter"),
        ({"label": ""}, "invalid-parameter"),
        ({"label": " "}, "invalid-parameter"),
        ({"label": ["cat", "dog"]}, "invalid-parameter"),
        ({"status": ["done", "failed"]}, "invalid-parameter"),
        ({"state": "done"}, "invalid-parameter"),
        ({"cursor": ""}, "invalid-cursor"),
        ({"cursor": "abc="}, "invalid-cursor"),
        ({"cursor": "a"}, "invalid-cursor"),
        ({"cursor": "null"}, "invalid-cursor"),
        ({"cursor": "A" * 4097}, "invalid-cursor"),
    ],
)
def test_parameters_are_read_strictly(api: Api, query: dict[str, Any], code: str) -> None:
    """What is not understood is not ignored."""
    said = api.call("GET", "/images", query=query)
    assert (said.status, said.code) == (400, code)


def test_signatures_in_the_query_are_not_ours(api: Api) -> None:
    """A presigned request brings parameters that API Gateway has looked at."""
    query = {"X-Amz-Signature": "0", "x-amz-security-token": ["0", "1"]}
    assert api.call("GET", "/images", query=query).status == 200


@given(st.tuples(st.text(min_size=1, max_size=1024), st.sampled_from(TIMES)))
def test_every_place_has_a_cursor(found: tuple[str, str]) -> None:
    """It reads as it was written, and is no longer than the document says."""
    filename, time = found
    if len(filename.encode()) > 1024:
        return
    written = cursor.write(Place(time, filename))
    assert len(written) <= cursor.LONGEST
    assert cursor.read(written) == Place(time, filename)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        ["2026-05-01T12:00:00Z"],
        ["2026-05-01T12:00:00Z", ""],
        ["2026-05-01T12:00:00Z", "k" * 1025],
        ["2026-05-01T12:00:00Z", 1],
        ["2026-05-01T12:00:00", "k"],
        ["yesterday", "k"],
        ["", "k"],
        ["2026-05-01T12:00:00Z", "k", "more"],
        {"timestamp": "2026-05-01T12:00:00Z", "filename": "k"},
        b"\xff",
    ],
)
def test_forged_cursors_are_refused(api: Api, content: object) -> None:
    """DynamoDB does not get to see what could not have come from here."""
    packed = msgspec.msgpack.encode(content)
    forged = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    assert api.call("GET", "/images", query={"cursor": forged}).code == "invalid-cursor"


def test_a_listing_may_leave_fields_out() -> None:
    """Statistics do not read what they do not need."""
    table = Table()
    table.add()
    (entry,) = Catalog(table, "table").newest_first(only=("status", "timestamp"))  # type: ignore[arg-type]
    assert entry.keys() == {"status", "timestamp"}
