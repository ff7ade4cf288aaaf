"""The change feed: its order, its gaps, and what it leaves out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.catalog.entries import Entry
from processor.catalog.feed import (
    RETENTION_SECONDS,
    ExpiredPositionError,
    Feed,
    Position,
)
from tests.unit.processor.catalog.index_table import IndexTable

NOW = 1_777_636_805


def entry(key: str, status: str = "done", **fields: Any) -> Entry:
    """Return an entry."""
    return {
        "filename": key,
        "status": status,
        "sequencer": "1",
        "updated": "2026-05-01T12:00:00.000Z",
        **fields,  # type: ignore[typeddict-item]
    }


class Fixture:
    """A feed over a table in memory."""

    def __init__(self) -> None:
        self.table = IndexTable()
        self.now = NOW
        self.feed = Feed(self.table, "index", lambda: self.now)  # type: ignore[arg-type]

    def keys(self, position: Position, count: int = 100) -> list[str]:
        """Return the keys of the records after a position."""
        return [each.key for each in self.feed.after(position, count)]


@pytest.fixture
def there() -> Fixture:
    """Return an empty feed."""
    return Fixture()


START = Position(0, NOW)


def test_changes_are_numbered_in_their_order(there: Fixture) -> None:
    """A batch records the last change of each key, after those of earlier batches."""
    there.feed.record([(None, entry("a", "processing")), (None, entry("b"))])
    there.feed.record(
        [
            (entry("a", "processing"), entry("a")),
            (entry("b"), entry("b", "deleted")),
            (entry("a"), entry("a", "failed")),
        ]
    )
    records = there.feed.after(START, 100)
    assert [(each.number, each.key, each.status) for each in records] == [
        (1, "a", "processing"),
        (2, "b", "done"),
        (3, "b", "deleted"),
        (4, "a", "failed"),
    ]
    assert there.keys(Position(1, NOW), 2) == ["b", "b"]
    assert there.feed.newest() == Position(4, NOW)
    assert there.keys(Position(4, NOW)) == []


def test_writes_that_nobody_sees_are_not_recorded(there: Fixture) -> None:
    """A claim that is renewed, and the tombstone that expires."""
    one = entry("a", owner="x", lease=5, attempts=1)
    there.feed.record([(one, entry("a", owner="y", lease=9, attempts=2))])
    there.feed.record([(entry("a", "deleted"), None)])
    assert there.keys(START) == []
    there.feed.record([(entry("b"), None)])
    assert [(each.key, each.status) for each in there.feed.after(START, 9)] == [("b", "deleted")]


def test_a_large_batch_has_several_transactions(there: Fixture) -> None:
    """Of 100 items at most."""
    there.feed.record([(None, entry(f"{number:03}")) for number in range(250)])
    assert there.table.requests.count("TransactWriteItems") == 3
    assert there.keys(START, 999) == [f"{number:03}" for number in range(250)]


def test_a_reader_stops_at_a_gap(there: Fixture) -> None:
    """It may see a part of a transaction; the rest appears in a moment."""
    there.feed.record([(None, entry(each)) for each in "abc"])
    hidden = there.table.items.pop(("feed", f"{2:016d}"))
    assert there.keys(START) == ["a"]
    assert there.keys(Position(1, NOW)) == []
    there.table.items["feed", f"{2:016d}"] = hidden
    assert there.keys(Position(1, NOW)) == ["b", "c"]


def test_two_writers_leave_no_gap(there: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes second reads the newest number again."""
    original = Feed.newest
    raced = iter([True])

    def newest(self: Feed) -> Position:
        found = original(self)
        if next(raced, False):
            there.feed.record([(None, entry("quick"))])
        return found

    monkeypatch.setattr(Feed, "newest", newest)
    there.feed.record([(None, entry("slow"))])
    assert there.keys(START) == ["quick", "slow"]


def test_a_position_expires(there: Fixture) -> None:
    """When records after it were deleted. One that has read everything does not."""
    there.feed.record([(None, entry(each)) for each in "ab"])
    at_end = there.feed.newest()
    there.now += RETENTION_SECONDS + 1
    del there.table.items["feed", f"{1:016d}"]
    with pytest.raises(ExpiredPositionError):
        there.keys(START)
    assert there.keys(at_end) == []
    there.feed.record([(None, entry("c"))])
    assert there.keys(at_end) == ["c"]
    with pytest.raises(ExpiredPositionError):
        there.keys(Position(99, there.now))


@given(st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["done", "failed"])))))
def test_a_reader_ends_with_the_last_status_of_each_key(
    batches: list[list[tuple[str, str]]],
) -> None:
    """However the changes are divided into batches, and read page by page between them."""
    there = Fixture()
    seen: dict[str, str] = {}
    latest: dict[str, Entry] = {}
    position = START
    for batch in batches:
        changes = []
        for key, status in batch:
            changes.append((latest.get(key), entry(key, status)))
            latest[key] = entry(key, status)
        there.feed.record(changes)
        while records := there.feed.after(position, 2):
            seen |= {each.key: each.status for each in records}
            position = Position(records[-1].number, NOW)
    assert seen == {key: each["status"] for key, each in latest.items()}
