"""One picture's way, from its entry and its lines."""

import json
from typing import Any, cast

import pytest
from rich.console import Console

from darkroom.operations.logs import Line
from darkroom.operations.trace import Trace, trace
from darkroom.terminal.timeline import timeline
from processor.catalog.entries import Entry

SECOND = 1_800_000_000_000
"""2027-01-15T08:00:00Z, in milliseconds."""

TIMINGS = {
    "queue": 50,
    "claim": 10,
    "fetch": 20,
    "wait": 0,
    "render": 200,
    "decode": 40,
    "store": 5,
}

ENTRY = cast(
    "Entry",
    {
        "filename": "a.jpg",
        "status": "done",
        "timestamp": "2027-01-15T08:00:00.000Z",
        "sequencer": "7",
        "correlation_id": "c" * 32,
        "timings": TIMINGS,
        "renditions": [
            {"name": "thumb", "at": 120, "ms": 80, "width": 3, "height": 2, "type": "image/webp"},
            {"name": "web", "at": 40, "ms": 80, "width": 6, "height": 4, "type": "image/jpeg"},
        ],
    },
)


def said(message: str, milliseconds: int, attempt: int = 1, **fields: Any) -> Line:
    """A line so long after the upload."""
    seconds, rest = divmod(milliseconds, 1000)
    record = {
        "level": "INFO", "message": message, "sequencer": "7", "key": "a.jpg", "message_id": "m",
        "timestamp": f"2027-01-15T08:{seconds // 60:02}:{seconds % 60:02}.{rest:03}+00:00",
        "attempt": attempt, "request_id": f"r{attempt}", **fields,
    }  # fmt: skip
    return Line("process", SECOND + milliseconds, json.dumps(record))


def bars(found: Trace) -> list[tuple[str, int, int]]:
    """Name, beginning and length of all bars, in milliseconds."""
    return [
        (bar.name, round(bar.start - SECOND), round(bar.length))
        for part in found.parts
        for bar in part.bars
    ]


DONE = [
    ("queue", 0, 50),
    ("claim", 50, 10),
    ("fetch", 60, 20),
    ("wait", 80, 0),
    ("render", 80, 200),
    ("decode", 80, 40),
    ("web", 120, 80),
    ("thumb", 200, 80),
    ("store", 280, 5),
]


def test_a_picture_that_was_done_at_once() -> None:
    """Presigned, taken by S3, in the queue, then each stage; renditions are within the render."""
    lines = [
        Line(
            "api",
            SECOND,
            json.dumps(
                {
                    "level": "INFO", "message": "presigned", "correlation_id": "c" * 32,
                    "timestamp": "2027-01-15T07:59:58.500+00:00",
                }
            ),
        ),
        said("begun", 60, queue=50),
        said("done", 295, timings={**TIMINGS, "commit": 9}),
    ]  # fmt: skip
    found = trace(ENTRY, lines)
    assert bars(found) == [("upload", -1500, 1500), ("event", 0, 0), *DONE, ("commit", 285, 9)]
    assert [part.is_bad for part in found.parts] == [False, False]


def test_without_lines_the_entry_tells() -> None:
    """Logs end some day: what the entry knows stays."""
    assert bars(trace(ENTRY, [])) == [("event", 0, 0), *DONE]


def test_attempts_are_told_apart() -> None:
    """One that broke off, one that died, a duplicate, and the one that was done."""
    lines = [
        said("begun", 60, 1, queue=50),
        said("delivery failed", 90, 1, exception="Traceback\n  x\nSlowDown: Reduce your rate."),
        said("begun", 5_060, 2, queue=5_050),
        Line("process", SECOND + 65_000, "2027 r2 Task timed out after 60.00 seconds"),
        said("begun", 70_060, 3, queue=70_050),
        said("done", 70_295, 3, timings=TIMINGS),
        said("duplicate", 71_000, 1, message_id="another", request_id="r4"),
    ]
    found = trace(ENTRY, lines)
    titles = [(part.title, part.is_bad) for part in found.parts]
    assert titles == [
        ("the way to the function", False),
        ("attempt 1: broke off", True),
        ("attempt 2: ended without a word", True),
        ("attempt 3: done", False),
        ("attempt 1: dropped: a duplicate", False),
    ]
    notes = {bar.name: bar.note for part in found.parts for bar in part.bars}
    assert notes["delivery failed"] == "SlowDown: Reduce your rate."
    assert notes["died"] == "Lambda ended the function: its time was over"
    assert ("died", 5_060, 59_940) in bars(found)


def test_a_picture_that_failed_shows_where() -> None:
    """The stage that found it out is marked, and the code is in the title."""
    entry = cast("Entry", {**ENTRY, "status": "failed", "renditions": []})
    timings = {"claim": 10, "fetch": 20, "inspect": 3}
    lines = [
        said("begun", 60, queue=50),
        said("failed", 90, code="corrupt", stage="inspect", timings=timings),
    ]
    found = trace(entry, lines)
    assert found.parts[-1].title == "attempt 1: failed (corrupt)"
    assert [(bar.name, bar.is_bad) for bar in found.parts[-1].bars] == [
        ("claim", False),
        ("fetch", False),
        ("inspect", True),
    ]


def test_a_request_that_failed_shows_where() -> None:
    """The entry is that of the outcome before it."""
    timings = {"claim": 10, "inspect": 3}
    lines = [
        said("begun", 60, queue=50),
        said("request failed", 90, code="too-large-rendition", stage="inspect", timings=timings),
    ]
    part = trace(ENTRY, lines).parts[-1]
    assert part.title == ("attempt 1: failed; what was published stays (too-large-rendition)")
    assert (part.is_bad, [bar.is_bad for bar in part.bars]) == (True, [False, True])


def test_an_original_that_was_asked_for_again() -> None:
    """Its queue begins with the request, not with the upload of long ago."""
    lines = [said("begun", 600_000, queue=40), said("done", 600_300, timings=TIMINGS)]
    found = trace(ENTRY, lines)
    assert bars(found)[0] == ("queue", 599_950, 40)
    assert found.parts[0].bars[0].note == "since it was asked for again"


def test_other_uploads_of_the_key_are_not_told() -> None:
    """Only what the catalog tells of now."""
    lines = [
        said("begun", 60, sequencer="6", queue=1),
        said("done", 70, sequencer="6", timings={"fetch": 1}),
    ]
    assert bars(trace(ENTRY, lines)) == [("event", 0, 0), *DONE]


def test_one_that_is_at_work() -> None:
    """An attempt without an end is no failure while the entry says that it is processed."""
    entry = cast("Entry", {**ENTRY, "status": "processing"})
    found = trace(entry, [said("begun", 60, queue=50)])
    assert (found.parts[-1].title, found.parts[-1].is_bad) == ("attempt 1: at work", False)


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_the_drawing_fits(columns: int) -> None:
    """No bar leaves the terminal; the longest is the longest."""
    console = Console(width=columns)
    with console.capture() as capture:
        console.print(timeline(trace(ENTRY, []), columns))
    rows = capture.get().splitlines()
    lengths = {row.split()[0]: row.count("█") for row in rows if "ms" in row}
    assert all(len(row) <= columns for row in rows)
    assert lengths["render"] > lengths["thumb"] > lengths["fetch"] >= lengths["store"]


def test_nothing_is_known() -> None:
    """An entry that was made just now has no way yet."""
    entry = cast(
        "Entry", {"filename": "a", "status": "processing", "timestamp": ENTRY["timestamp"]}
    )
    entry["sequencer"] = "7"
    console = Console(width=80)
    with console.capture() as capture:
        console.print(timeline(trace(entry, []), 80))
    assert "event" in capture.get()
