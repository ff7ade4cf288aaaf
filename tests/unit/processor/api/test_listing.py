"""``GET /images``: order, pages, and search by status and label."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.catalog.entries import Catalog
from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.table import Table, rendition

TIMES = [f"2026-05-01T12:00:0{second}.000Z" for second in range(4)]


def add_images(api: Api, count: int, **fields: Any) -> None:
    """Add entries, each a second older than the one before."""
    for number in range(count):
        time = datetime(2026, 5, 1, tzinfo=UTC) - timedelta(seconds=number)
        api.table.add(filename=f"{number}.jpg", timestamp=time.isoformat(), **fields)


def keys(api: Api, **query: Any) -> tuple[list[str], str | None]:
    """Return the keys of a page, and the cursor of the next one."""
    result = api.call("GET", "/images", query=query)
    assert result.status == 200
    return [each["key"] for each in result.body["images"]], result.body["next"]


def test_the_latest_upload_comes_first(api: Api) -> None:
    """Without parameters, a page has 24 images."""
    add_images(api, 25)
    first, after = keys(api)
    assert first == [f"{number}.jpg" for number in range(24)]
    assert keys(api, cursor=after) == (["24.jpg"], None)


def test_a_full_page_may_be_the_last(api: Api) -> None:
    """The cursor is null at the end, even when the last page is full."""
    add_images(api, 6)
    assert keys(api, limit=6) == ([f"{number}.jpg" for number in range(6)], None)
    assert keys(api, limit=5)[1] is not None


def test_an_empty_catalog_has_one_page(api: Api) -> None:
    """It has no images and no cursor."""
    assert keys(api) == ([], None)


@given(
    times=st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.sampled_from(TIMES)),
    limit=st.integers(1, 7),
    data=st.data(),
)
def test_pages_leave_nothing_out_and_repeat_nothing(
    times: dict[str, str], limit: int, data: st.DataObject
) -> None:
    """Although images share a time, and are added and deleted between two pages."""
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
        if deleted := data.draw(st.sampled_from([None, *sorted(api.table.items)])):
            del api.table.items[deleted]
            gone.add(deleted)
        api.table.add(filename=f"new-{len(seen)}", timestamp="2026-05-02T00:00:00Z")
    assert len(set(seen)) == len(seen)
    assert everything - gone <= set(seen) <= everything
    assert [times[key] for key in seen] == sorted((times[key] for key in seen), reverse=True)


def test_a_page_reads_little_more_than_it_shows(api: Api) -> None:
    """With and without a status, however many others there are."""
    add_images(api, 400)
    api.table.items["399.jpg"]["status"] = "failed"
    assert len(keys(api, limit=23)[0]) == 23
    assert api.table.read == 24
    assert keys(api, status="failed") == (["399.jpg"], None)
    assert api.table.read == 25


def test_a_label_filters(api: Api) -> None:
    """In any case, alone or with a status, page by page."""
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
def test_a_status_filters(api: Api, status: str) -> None:
    """Images with another status are on no page."""
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


def test_a_label_reads_little_more_than_the_page_shows(api: Api) -> None:
    """However many images have another label, or this one."""
    add_images(api, 300, label_names=["dog"])
    api.table.add(filename="old", timestamp=TIMES[0], label_names=["cat"])
    assert keys(api, label="cat") == (["old"], None)
    assert api.table.read == 1
    assert len(keys(api, label="dog", limit=5)[0]) == 5
    assert api.table.read == 7
    assert api.table.index.requests.count("Query") == 2


def test_a_search_finds_images_with_all_words_labels_and_tags(api: Api) -> None:
    """In any case, with or without accents, in names, titles, tags and labels."""
    api.table.add(filename="trip/Café de Flore.jpg", timestamp=TIMES[2], tags=["Paris"])
    api.table.add(filename="b.jpg", timestamp=TIMES[1], title="Paris, café", label_names=["cup"])
    api.table.add(filename="c.jpg", timestamp=TIMES[0], tags=["paris"])
    everything = ["trip/Café de Flore.jpg", "b.jpg", "c.jpg"]
    assert keys(api, q="PARIS")[0] == everything
    assert keys(api, q="cafe paris")[0] == everything[:2]
    assert keys(api, q="paris", tag="paris")[0] == [everything[0], "c.jpg"]
    assert keys(api, q="cafe", label="Cup")[0] == ["b.jpg"]
    assert keys(api, q="caf") == ([], None)
    first, after = keys(api, q="paris", limit=2)
    assert (first, keys(api, q="paris", cursor=after)) == (everything[:2], (["c.jpg"], None))


def test_the_search_index_follows_with_a_delay(api: Api) -> None:
    """What is gone, or does not match any more, is left out."""
    add_images(api, 4, tags=["red"])
    del api.table.items["0.jpg"]
    api.table.items["1.jpg"]["tags"] = ["blue"]
    api.table.items["2.jpg"]["status"] = "failed"
    assert keys(api, tag="red")[0] == ["2.jpg", "3.jpg"]
    assert keys(api, tag="red", status="done") == (["3.jpg"], None)


def test_a_page_is_not_too_large_for_lambda(api: Api) -> None:
    """It ends early where entries are large, and the next page continues."""
    huge = [rendition("k" * 1000, f"{number}.webp", 9, 9) for number in range(200)]
    add_images(api, 8, renditions=huge)
    seen, after = keys(api, limit=100)
    assert 1 <= len(seen) < 8
    while after:
        page, after = keys(api, limit=100, cursor=after)
        seen += page
    assert seen == [f"{number}.jpg" for number in range(8)]


def test_deleted_images_are_not_listed(api: Api) -> None:
    """With or without a shard."""
    api.table.add(filename="a", status="deleted", shard=None)
    api.table.add(filename="b", status="deleted")
    api.table.add(filename="c")
    assert keys(api)[0] == ["c"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "1.0"},
        {"limit": "１"},  # noqa: RUF001
        {"limit": "²"},
        {"limit": " 1"},
        {"limit": ""},
        {"limit": "9" * 5000},
        {"limit": ["1", "1"]},
        {"status": "deleted"},
        {"status": "Done"},
        {"status": ""},
        {"label": ""},
        {"label": " "},
        {"label": ["cat", "dog"]},
        {"tag": " "},
    ],
)
def test_invalid_parameters_are_refused(api: Api, query: dict[str, Any]) -> None:
    """Numbers and words are read strictly."""
    result = api.call("GET", "/images", query=query)
    assert (result.status, result.code) == (400, "invalid-parameter")


@pytest.mark.parametrize("text", ["", "-!-", "a b c d e f g h i"])
def test_a_search_has_words(api: Api, text: str) -> None:
    """One to eight."""
    result = api.call("GET", "/images", query={"q": text})
    assert (result.status, result.code) == (400, "invalid-search")


def test_a_listing_may_have_a_projection() -> None:
    """Statistics read only the fields that they need."""
    table = Table()
    table.add()
    (entry,) = Catalog(table, "table").newest_first(only=("status", "timings.render"))  # type: ignore[arg-type]
    assert entry == {"filename": "a/b.jpg", "status": "done", "timings": {"render": 100}}


def test_the_index_follows_the_table_with_a_delay(api: Api, monkeypatch: Any) -> None:
    """What is gone, or has another status by now, is left out."""
    add_images(api, 3, status="failed")
    places = list(Catalog(api.table, "table").places(status="failed"))  # type: ignore[arg-type]
    monkeypatch.setattr(Catalog, "places", lambda *_args, **_more: iter(places))
    del api.table.items["0.jpg"]
    api.table.items["1.jpg"]["status"] = "done"
    assert keys(api, status="failed") == (["2.jpg"], None)
