"""Duplicates: which image had a file's bytes first, and what happens when it is gone."""

from typing import Any

import pytest

from processor.catalog.duplicates import Duplicates
from processor.catalog.entries import Catalog
from processor.catalog.terms import postings_of
from tests.unit.processor.catalog.index_table import IndexTable
from tests.unit.processor.clouds import FakeDynamoDB


@pytest.fixture
def entries() -> FakeDynamoDB:
    """Return a catalog's table with a first image."""
    table = FakeDynamoDB()
    table.items["first.jpg"] = {"filename": "first.jpg", "status": "done", "etag": "1"}
    return table


@pytest.fixture
def duplicates(entries: FakeDynamoDB) -> Duplicates:
    """Return duplicates over that catalog, with the first image's record."""
    dynamodb: Any = entries
    index: Any = IndexTable()
    found = Duplicates(index, "index", Catalog(dynamodb, "table"), refuses=False)
    assert found.first("abc", "first.jpg", "1") is None
    return found


def test_a_copy_has_a_first(duplicates: Duplicates) -> None:
    """Of the same bytes only; the first is not a copy of itself, however often it is processed."""
    assert duplicates.first("abc", "copy.jpg", "2") == "first.jpg"
    assert duplicates.first("abd", "other.jpg", "2") is None
    assert duplicates.first("abc", "first.jpg", "1") is None
    assert duplicates.first("abc", "copy.jpg", "2") == "first.jpg"


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {"filename": "first.jpg", "status": "failed", "etag": "1"},
        {"filename": "first.jpg", "status": "deleted"},
        {"filename": "first.jpg", "status": "done", "etag": "other bytes"},
        {"filename": "first.jpg", "status": "processing", "etag": "other bytes"},
    ],
)
def test_the_next_copy_is_the_first_when_that_is_gone(
    duplicates: Duplicates, entries: FakeDynamoDB, entry: dict[str, Any] | None
) -> None:
    """If it was deleted, has failed, or has been replaced by another file."""
    del entries.items["first.jpg"]
    if entry:
        entries.items["first.jpg"] = entry
    assert duplicates.first("abc", "copy.jpg", "2") is None
    entries.items["copy.jpg"] = {"filename": "copy.jpg", "status": "done", "etag": "2"}
    assert duplicates.first("abc", "first.jpg", "3") == "copy.jpg"


@pytest.mark.parametrize("status", ["processing", "review", "rejected"])
def test_an_image_without_an_outcome_is_the_first(
    duplicates: Duplicates, entries: FakeDynamoDB, status: str
) -> None:
    """It may be published later; and a copy of a rejected one is a copy."""
    entries.items["first.jpg"]["status"] = status
    assert duplicates.first("abc", "copy.jpg", "2") == "first.jpg"


def test_of_two_takeovers_one_is_the_first(
    duplicates: Duplicates, entries: FakeDynamoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other finds it, although both have seen that the first is gone."""
    del entries.items["first.jpg"]
    original = Duplicates._has

    def has(self: Duplicates, record: dict[str, Any]) -> bool:
        seen = original(self, record)
        monkeypatch.setattr(Duplicates, "_has", original)
        entries.items["quick.jpg"] = {"filename": "quick.jpg", "status": "done", "etag": "4"}
        assert duplicates.first("abc", "quick.jpg", "4") is None
        return seen

    monkeypatch.setattr(Duplicates, "_has", has)
    assert duplicates.first("abc", "slow.jpg", "3") == "quick.jpg"


def test_records_are_no_postings() -> None:
    """A search finds none of them."""
    entry: Any = {"filename": "sha256.jpg", "status": "done", "timestamp": "t"}
    assert all(not each.term.startswith("sha256#") for each in postings_of(entry))
