"""The index's writer: what it writes, and which errors have the changes received again."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from processor.catalog.index import Index
from processor.events.index_writer import IndexWriter
from processor.events.records import EntryChange
from tests.unit.processor.catalog.index_table import IndexTable
from tests.unit.processor.clouds import error

ENTRY: Any = {"filename": "a.jpg", "status": "done", "timestamp": "2026-05-01T12:00:00.000Z"}
CHANGES = [EntryChange("7", "a.jpg", None, ENTRY), EntryChange("8", "a.jpg", ENTRY, ENTRY)]


@pytest.fixture
def table() -> IndexTable:
    """Return an empty index."""
    return IndexTable()


def write(table: Any) -> str | None:
    """Write two changes."""
    return IndexWriter(Index(table, "index")).write(CHANGES)


def test_changes_are_written(table: IndexTable) -> None:
    """All of them."""
    assert write(table) is None
    assert list(table.terms) == ["word#a"]


@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (error("ThrottlingException"), "7"),
        (EndpointConnectionError(endpoint_url="x"), "7"),
        (error("ValidationException"), None),
        (error("AccessDeniedException"), None),
    ],
)
def test_errors_that_stay_do_not_hold_up_the_events(
    table: IndexTable, monkeypatch: pytest.MonkeyPatch, failure: Exception, again: str | None
) -> None:
    """Transient ones have the changes received again."""

    def fail(**_: Any) -> None:
        raise failure

    monkeypatch.setattr(table, "batch_write_item", fail)
    assert write(table) == again
