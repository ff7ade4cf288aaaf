"""Traces as timelines in the terminal."""

from typing import cast

import pytest
from rich.console import Console

from darkroom.operations.trace import trace_of
from darkroom.terminal.timeline import timeline
from processor.catalog.entries import Entry
from tests.unit.darkroom.operations.stubs import TRACED


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_the_drawing_fits(columns: int) -> None:
    """No bar is wider than the terminal, and bars are in proportion to their stages."""
    console = Console(width=columns)
    with console.capture() as capture:
        console.print(timeline(trace_of(TRACED, []), columns))
    rows = capture.get().splitlines()
    lengths = {row.split()[0]: row.count("█") for row in rows if "ms" in row}
    assert all(len(row) <= columns for row in rows)
    assert lengths["render"] > lengths["thumb"] > lengths["fetch"] >= lengths["store"]


def test_a_new_entry() -> None:
    """An entry without timings shows the event only."""
    entry = cast(
        "Entry",
        {
            "filename": "a",
            "status": "processing",
            "timestamp": TRACED["timestamp"],
            "sequencer": "7",
        },
    )
    console = Console(width=80)
    with console.capture() as capture:
        console.print(timeline(trace_of(entry, []), 80))
    assert "event" in capture.get()
