"""What a person reads in the terminal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from rich.table import Table

from darkroom.operations.logs import Line
from darkroom.operations.logs import shown as in_color
from darkroom.operations.uploads import Outcome, Upload
from darkroom.terminal import tables
from processor.catalog.entries import Entry, FailedRequest
from tests.unit.conftest import TESTS

ENTRY: Entry = {
    "filename": "odd [bold]name[/].jpg",
    "status": "done",
    "timestamp": "2026-05-01T12:00:00.000Z",
    "shard": "1",
    "size": 171_368,
    "etag": "e",
    "sequencer": "0",
    "updated": "2026-05-01T12:00:01.000Z",
    "format": "jpeg",
    "width": 807,
    "height": 1024,
    "renditions": [
        {
            "name": "thumb", "key": "processed/odd/thumb.webp", "width": 300, "height": 300,
            "bytes": 7722, "type": "image/webp", "ms": 9, "etag": "e",
        }
    ],
    "timings": {"fetch": 5},
}  # fmt: skip
FAILED: Entry = {
    "filename": "bad.jpg",
    "status": "failed",
    "timestamp": "2026-05-01T12:00:00.000Z",
    "shard": "1",
    "size": 9,
    "etag": "e",
    "sequencer": "0",
    "updated": "2026-05-01T12:00:01.000Z",
    "error": {"code": "corrupt", "message": "The file is damaged."},
}


def shown(table: Table) -> str:
    """The text of a table."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_outcomes() -> None:
    """Renditions with their figures, the code of a failure, and uploads that nothing came of."""
    uploads = [Upload(TESTS, name) for name in ("good.jpg", "bad.jpg", "lost.jpg")]
    text = shown(
        tables.outcomes(
            Outcome(upload, entry, 0.1)
            for upload, entry in zip(uploads, (ENTRY, FAILED, None), strict=True)
        )
    )
    assert "807×1024  171,368" in text
    assert "300×300" in text
    assert "7,722" in text
    assert "corrupt" in text
    assert "no outcome" in text


def test_names_are_not_markup() -> None:
    """A key is shown as it is, whatever it looks like."""
    assert "odd [bold]name[/].jpg" in shown(tables.listing([ENTRY]))
    assert "odd [bold]name[/].jpg" in shown(tables.details(ENTRY))


def test_details_of_a_finished_picture() -> None:
    """What was found by looking at it is there: colors, placeholder, hashes, camera."""
    done: Entry = {
        **ENTRY,
        "recipe": "avatar",
        "analysis": {
            "sha256": "5ad",
            "palette": ["#102030", "#ffffff"],
            "thumbhash": "W/gF",
            "phash": "b122",
            "sharpness": 12.5,
            "exif": {"model": "Brownie", "iso": 100},
        },
    }
    text = shown(tables.details(done))
    for told in ("avatar", "#102030", "W/gF", "b122", "12.5", "model Brownie, iso 100", "5ad"):
        assert told in text


def test_details_of_a_failure() -> None:
    """The reason is there, code and sentence."""
    assert "corrupt: The file is damaged." in shown(tables.details(FAILED))


def test_a_failed_request_is_marked_and_told() -> None:
    """The outcome before it stays in view: status, renditions, and why the request failed."""
    failed: FailedRequest = {
        "code": "too-large-rendition",
        "message": "Ask for a [smaller] one.",
        "time": datetime.now(UTC).isoformat(),
        "recipe": "poster",
    }
    entry: Entry = {**ENTRY, "failed_request": failed}
    assert "done request failed" in shown(tables.listing([entry]))
    text = " ".join(shown(tables.details(entry)).split())
    assert "too-large-rendition: Ask for a [smaller] one. (recipe poster, 0 s ago)" in text
    assert "300×300, 7,722 bytes" in text
    failed["retry"] = {"code": "ClientError", "message": "SlowDown"}
    failed["recipe"] = "{}"
    text = " ".join(shown(tables.details(entry)).split())
    assert "(0 s ago; `darkroom redrive` tries again)" in text


def test_details_of_a_picture_that_is_tried_again() -> None:
    """What stopped the last attempt is there, as long as another one is to come."""
    waiting: Entry = {
        **FAILED,
        "status": "processing",
        "retry": {"code": "ClientError", "message": "SlowDown"},
    }
    del waiting["error"]
    assert "ClientError: SlowDown (it is tried again)" in shown(tables.details(waiting))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (200_000, "2 d"), (-5, "0 s")],
)
def test_age(seconds: int, text: str) -> None:
    """An age is given in its largest unit; clocks that disagree make no negative one."""
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    assert tables.age(then.isoformat()) == text


def test_structured_lines_are_made_readable() -> None:
    """Level and message first, then the fields; an exception on lines of its own."""
    record = {
        "level": "ERROR", "message": "delivery failed", "location": "x", "timestamp": "t",
        "service": "process", "message_id": "m-1", "key": "a.jpg", "attempt": 2,
        "exception": "Traceback\nBoom",
    }  # fmt: skip
    text = in_color(Line("process", 0, json.dumps(record))).plain
    assert "process ERROR   delivery failed a.jpg attempt=2\nTraceback\nBoom" in text
    assert "location" not in text


@pytest.mark.parametrize("message", ["START RequestId: 1", "[1, 2]", '{"level": 1}', "null"])
def test_other_lines_are_shown_as_they_are(message: str) -> None:
    """What the platform or a library prints is passed on."""
    assert in_color(Line("process", 0, message)).plain.endswith(message)
