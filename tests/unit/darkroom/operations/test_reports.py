"""What an operator reads in the terminal."""

from typing import Any

import pytest
from rich.console import Console

from darkroom.operations import reports
from darkroom.operations.consistency import (
    Comparison,
    Fault,
    Findings,
)
from darkroom.terminal import tables
from processor.catalog.entries import Entry


def shown(*parts: Any) -> str:
    """What a person reads."""
    console = Console(width=100)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


def test_report() -> None:
    """Faults by kind with their number, the first keys of each, and how many are left out."""
    faults = [Fault("orphan", f"odd [bold]{number}", "x.webp") for number in range(7)]
    text = shown(*reports.faults(faults, 2))
    assert "stored objects that no entry names, by original: 7" in text
    assert "odd [bold]1" in text
    assert "odd [bold]2" not in text
    assert "5 more" in text
    assert "odd [bold]6" in shown(*reports.faults(faults, None))


def test_report_for_programs() -> None:
    """The same as data, with what is under way apart."""
    fault = Fault("stuck", "a", "x")
    data = reports.findings_as_data(Findings(Comparison(), [fault], [fault], {}))
    assert data["faults"] == data["under way"] == {"stuck": [{"key": "a", "detail": "x"}]}
    assert data["entries"] == 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"lease": 1, "attempts": 2}, "s ago; 2 ended without a word"),
        ({"lease": 9e9, "attempts": 1}, "at work, for"),
        ({"lease": 9e9, "attempts": 3}, "2 ended without a word"),
        ({}, "none is at work; another is to come"),
    ],
)
def test_details_of_work_that_is_going_on(fields: dict[str, Any], told: str) -> None:
    """Until when an attempt may be at work, and how many have died, before the size is known."""
    begun: Entry = {
        "filename": "a", "status": "processing", "timestamp": "2026-05-01T12:00:00.000Z",
        "sequencer": "1", "updated": "2026-05-01T12:00:00.000Z",
        **fields,  # type: ignore[typeddict-item]
    }  # fmt: skip
    assert told in shown(tables.details(begun))
    assert "processing" in shown(tables.listing([begun]))


def test_details_of_a_deleted_original() -> None:
    """When it was deleted is there; nothing else is known any more."""
    tombstone: Entry = {
        "filename": "a", "status": "deleted", "timestamp": "2026-05-01T12:00:00.000Z",
        "sequencer": "1", "updated": "2026-05-01T12:00:01.000Z", "expires": 9,
    }  # fmt: skip
    text = shown(tables.details(tombstone))
    assert "2026-05-01T12:00:01.000Z" in text
    assert "uploaded" not in text
