"""Traces from a catalog entry and log lines."""

import json
from typing import Any, cast

from darkroom.operations.logs import Line
from darkroom.operations.trace import Trace, trace_of
from processor.catalog.entries import Entry
from tests.unit.darkroom.operations.stubs import TIMINGS, TRACED

SECOND = 1_800_000_000_000
"""2027-01-15T08:00:00Z, in milliseconds."""


def line(message: str, milliseconds: int, attempt: int = 1, **fields: Any) -> Line:
    """Return a line, ``milliseconds`` after the upload."""
    seconds, rest = divmod(milliseconds, 1000)
    record = {
        "level": "INFO", "message": message, "sequencer": "7", "key": "a.jpg", "message_id": "m",
        "timestamp": f"2027-01-15T08:{seconds // 60:02}:{seconds % 60:02}.{rest:03}+00:00",
        "attempt": attempt, "request_id": f"r{attempt}", **fields,
    }  # fmt: skip
    return Line("process", SECOND + milliseconds, json.dumps(record))


def bars(found: Trace) -> list[tuple[str, int, int]]:
    """Return name, start and length of all bars, in milliseconds."""
    return [
        (bar.name, round(bar.start - SECOND), round(bar.length))
        for section in found.sections
        for bar in section.bars
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


def test_an_image_done_in_one_attempt() -> None:
    """Upload, event, queue, then each stage; renditions are parts of the stage `render`."""
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
        line("begun", 60, queue=50),
        line("done", 295, timings={**TIMINGS, "commit": 9}),
    ]  # fmt: skip
    found = trace_of(TRACED, lines)
    assert bars(found) == [("upload", -1500, 1500), ("event", 0, 0), *DONE, ("commit", 285, 9)]
    assert [section.is_bad for section in found.sections] == [False, False]


def test_without_lines() -> None:
    """After the logs' retention, the trace comes from the entry."""
    assert bars(trace_of(TRACED, [])) == [("event", 0, 0), *DONE]


def test_several_attempts() -> None:
    """One with a transient error, one that died, a duplicate, and one that is done."""
    lines = [
        line("begun", 60, 1, queue=50),
        line("delivery failed", 90, 1, exception="Traceback\n  x\nSlowDown: Reduce your rate."),
        line("begun", 5_060, 2, queue=5_050),
        Line("process", SECOND + 65_000, "2027 r2 Task timed out after 60.00 seconds"),
        line("begun", 70_060, 3, queue=70_050),
        line("done", 70_295, 3, timings=TIMINGS),
        line("duplicate", 71_000, 1, message_id="another", request_id="r4"),
    ]
    found = trace_of(TRACED, lines)
    titles = [(section.title, section.is_bad) for section in found.sections]
    assert titles == [
        ("delivery", False),
        ("attempt 1: failed with a transient error", True),
        ("attempt 2: ended without a result", True),
        ("attempt 3: done", False),
        ("attempt 1: dropped: a duplicate", False),
    ]
    notes = {bar.name: bar.note for section in found.sections for bar in section.bars}
    assert notes["delivery failed"] == "SlowDown: Reduce your rate."
    assert notes["crashed"] == "Lambda stopped the function at its timeout"
    assert ("crashed", 5_060, 59_940) in bars(found)


def test_a_failed_image() -> None:
    """The failed stage is marked, and the code is in the title."""
    entry = cast("Entry", {**TRACED, "status": "failed", "renditions": []})
    timings = {"claim": 10, "fetch": 20, "inspect": 3}
    lines = [
        line("begun", 60, queue=50),
        line("failed", 90, code="corrupt", stage="inspect", timings=timings),
    ]
    found = trace_of(entry, lines)
    assert found.sections[-1].title == "attempt 1: failed (corrupt)"
    assert [(bar.name, bar.is_bad) for bar in found.sections[-1].bars] == [
        ("claim", False),
        ("fetch", False),
        ("inspect", True),
    ]


def test_a_failed_request() -> None:
    """The entry is that of the change before it."""
    timings = {"claim": 10, "inspect": 3}
    lines = [
        line("begun", 60, queue=50),
        line("request failed", 90, code="too-large-rendition", stage="inspect", timings=timings),
    ]
    section = trace_of(TRACED, lines).sections[-1]
    assert (
        section.title == "attempt 1: failed; the published renditions remain (too-large-rendition)"
    )
    assert (section.is_bad, [bar.is_bad for bar in section.bars]) == (True, [False, True])


def test_a_reprocessed_original() -> None:
    """Its time in the queue begins with the request, not with the upload."""
    lines = [line("begun", 600_000, queue=40), line("done", 600_300, timings=TIMINGS)]
    found = trace_of(TRACED, lines)
    assert bars(found)[0] == ("queue", 599_950, 40)
    assert found.sections[0].bars[0].note == "since the reprocess request"


def test_earlier_uploads_of_the_key() -> None:
    """Only the change of the entry is shown."""
    lines = [
        line("begun", 60, sequencer="6", queue=1),
        line("done", 70, sequencer="6", timings={"fetch": 1}),
    ]
    assert bars(trace_of(TRACED, lines)) == [("event", 0, 0), *DONE]


def test_an_attempt_in_progress() -> None:
    """An attempt without an end is no failure while the entry is `processing`."""
    entry = cast("Entry", {**TRACED, "status": "processing"})
    found = trace_of(entry, [line("begun", 60, queue=50)])
    assert (found.sections[-1].title, found.sections[-1].is_bad) == (
        "attempt 1: in progress",
        False,
    )
