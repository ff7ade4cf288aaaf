"""The index: what entries are found by, and how it follows their changes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.catalog.entries import Entry, Place
from processor.catalog.index import BUCKET_SIZE, MAX_QUERIES, FullBucket, Index
from processor.catalog.terms import (
    MAX_WORDS,
    Posting,
    members_of,
    place_of,
    postings_of,
    terms_of,
    words,
    written,
)
from tests.unit.processor.catalog.index_table import IndexTable


def entry(key: str = "a.jpg", second: int = 0, **fields: Any) -> Entry:
    """Return an entry that was uploaded at that second."""
    time = f"2026-05-01T12:00:{second:02}.000Z"
    return {"filename": key, "status": "done", "timestamp": time, **fields}  # type: ignore[typeddict-item]


def hashed(key: str, *hashes: int) -> Entry:
    """Return an entry with one or two perceptual hashes."""
    names = ("phash", "phash_inner")
    return entry(key, analysis={n: f"{each:016x}" for n, each in zip(names, hashes, strict=False)})


def index_with(*entries: Entry) -> tuple[Index, IndexTable]:
    """Return an index of entries, and its table."""
    table = IndexTable()
    index = Index(table, "index")  # type: ignore[arg-type]
    index.follow((None, each) for each in entries)
    return index, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Old_Town-Café (2).final", ["old", "town", "cafe", "2", "final"]),
        ("IMG_2041 img", ["img", "2041"]),
        ("Straße ŁÓDŹ", ["strasse", "łodz"]),
        ("東京タワー", ["東京タワー"]),
        ("...", []),
        ("x" * 99, ["x" * 40]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Letters and digits, without case and accents, each once."""
    assert words(text) == expected


def test_an_entry_is_found_by_labels_tags_and_words() -> None:
    """Words are those of its key, title, tags and labels; not the API's folder or the extension."""
    found = terms_of(
        entry(
            "uploads/abcdefgh234567aa/Beach house.jpeg",
            title="Summer!",
            tags=["Best of"],
            label_names=["palm tree"],
        )
    )
    assert found == {
        *("label#palm tree", "tag#best of"),
        *(f"word#{each}" for each in ["beach", "house", "summer", "best", "of", "palm", "tree"]),
    }
    assert terms_of(entry("a/b.jpg", status="deleted")) == set()
    assert len(terms_of(entry(" ".join(map(str, range(999)))))) == MAX_WORDS


@given(st.text(min_size=1), st.text(min_size=1))
def test_places_are_written_in_their_order(one: str, other: str) -> None:
    """By time, and then by key; and are read back."""
    places = [Place("2026-05-01T12:00:00.000Z", one), Place("2026-05-01T12:00:01.000Z", other)]
    assert written(places[0]) < written(places[1])
    assert [place_of(written(each)) for each in places] == places


def test_the_index_follows_changes() -> None:
    """Only differences are written; the changes of a batch count as one; nothing stays."""
    first, tagged = entry(), entry(tags=["red"])
    index, table = index_with(first)
    assert table.terms == {"word#a": [postings_of(first).pop().place]}
    table.requests.clear()
    index.follow([(first, entry(width=5))])
    assert table.requests == []
    index.follow([(first, tagged), (tagged, entry(tags=["blue"]))])
    assert sorted(table.terms) == ["tag#blue", "word#a", "word#blue"]
    # A batch that is delivered again, as one with a lost response is.
    index.follow([(first, tagged), (tagged, entry(tags=["blue"]))])
    index.follow([(entry(tags=["blue"]), None)])
    assert table.terms == {}


def test_a_replaced_image_moves_to_its_new_time() -> None:
    """Its older place is deleted."""
    index, table = index_with(entry(second=1))
    index.follow([(entry(second=1), entry(second=2))])
    assert table.terms == {"word#a": [written(Place("2026-05-01T12:00:02.000Z", "a.jpg"))]}


def test_large_requests_are_written_in_parts() -> None:
    """Also what DynamoDB did not write."""
    many = [f"label {number}" for number in range(70)]
    index, table = index_with(entry(label_names=many))
    assert sum(term.startswith("label#") for term in table.terms) == 70
    index.follow([(entry(label_names=many), None)])
    assert table.terms == {}


@given(
    st.lists(st.sets(st.sampled_from("xyz")), max_size=40),
    st.sampled_from(["x", "xy", "xyz", "zx"]),
    st.integers(1, 4),
)
def test_a_search_finds_what_has_all_terms(tags: list[set[str]], wanted: str, count: int) -> None:
    """The latest upload first, page by page."""
    entries = [entry(f"{n}", n // 2, tags=sorted(each)) for n, each in enumerate(tags)]
    index, _ = index_with(*entries)
    found: list[Place] = []
    after: Place | None = None
    while True:
        page, after = index.find([f"tag#{each}" for each in wanted], after, count)
        assert len(page) <= count
        found += page
        if after is None:
            break
    expected = [
        Place(each["timestamp"], each["filename"])
        for each in entries
        if set(wanted) <= set(each["tags"])
    ]
    assert found == sorted(expected, reverse=True)


def test_a_search_for_terms_that_never_meet_ends_its_page() -> None:
    """After a number of queries; the next page continues, and the last one has all."""
    table = IndexTable()
    index = Index(table, "index")  # type: ignore[arg-type]
    moments = [f"2026-05-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z#k" for n in range(28_000)]
    # Runs of 100 of each in turn: the lists take turns, a query each.
    for number, each in enumerate(moments):
        table.items[f"tag#{'xy'[number // 100 % 2]}", each] = {}
    table.items["tag#x", moments[0]] = table.items["tag#y", moments[0]] = {}
    pages = 0
    after: Place | None = None
    while True:
        table.requests.clear()
        found, after = index.find(["tag#x", "tag#y"], after, 10)
        assert len(table.requests) <= MAX_QUERIES + 2
        pages += 1
        if after is None:
            break
        assert found == []
    assert found == [place_of(moments[0])]
    assert pages > 1


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=7))
def test_similar_images_are_found(digits: int, flipped: set[int]) -> None:
    """All within 7 bits, with the distance of the nearest hashes."""
    other = digits
    for bit in flipped:
        other ^= 1 << bit
    far = digits ^ 0xFFFF0000FFFF0000
    index, _ = index_with(hashed("near/a.jpg", other), hashed("far.jpg", far))
    wanted = [f"{digits:016x}"]
    assert index.similar(wanted, 8) == {"near/a.jpg": len(flipped)}
    if flipped:
        assert index.similar(wanted, len(flipped) - 1) == {}


def test_a_cropped_copy_is_found_by_either_hash() -> None:
    """Of two images with two hashes each, the nearest two count."""
    one, other = hashed("one", 1 << 60, 0xF0F0), hashed("two", 0xF0F1, 0xFF << 40)
    index, _ = index_with(one, other)
    assert index.similar([f"{1 << 60:016x}", f"{0xF0F0:016x}"], 4) == {"one": 0, "two": 1}


def test_images_that_are_not_done_are_not_similar() -> None:
    """What is held for review, or has failed, is in no bucket."""
    assert members_of(hashed("a", 1)) != set()
    assert members_of({**hashed("a", 1), "status": "review"}) == set()
    assert members_of(entry()) == set()


def test_a_bucket_has_a_largest_size() -> None:
    """More images with the same pattern are found by other bands; removal works as ever."""
    index, table = index_with(*(hashed(f"{n}", 1) for n in range(BUCKET_SIZE)))
    index.follow([(None, hashed("one more", 0xFFFF << 48 | 1))])
    sizes = {term: len(texts) for term, texts in table.terms.items() if "phash" in term}
    assert sizes.pop("phash#0#ffff") == 1
    assert set(sizes.values()) == {BUCKET_SIZE}
    assert FullBucket("phash#3#0001") in set(index.all())
    assert index.similar([f"{0xFFFF << 48 | 1:016x}"], 0) == {"one more": 0}
    index.follow([(hashed("0", 1), None)])
    assert FullBucket("phash#3#0001") not in set(index.all())


class Entries:
    """Entries that change between two reads."""

    def __init__(self, *states: Entry | None) -> None:
        self.states = [*states]

    def get(self, _: str) -> Entry | None:
        """Return the next state, the last one for good."""
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def test_a_rebuild_agrees_with_an_entry_that_changes_meanwhile() -> None:
    """It reads the entry again after it has written."""
    index, table = index_with()
    stale = Posting("label#old", written(Place("2026-05-01T12:00:00.000Z", "a.jpg")))
    table.items[stale] = {"term": stale.term, "place": stale.place}
    before, after = entry(tags=["one"]), entry(tags=["two"])
    index.rebuild(Entries(before, after), "a.jpg", {stale})  # type: ignore[arg-type]
    assert sorted(table.terms) == ["tag#two", "word#a", "word#two"]
    index.rebuild(Entries(None), "a.jpg", postings_of(after))  # type: ignore[arg-type]
    assert table.terms == {}
