"""Catalog entries in the terminal."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from darkroom.terminal.entries import entry_details, entry_table
from processor.catalog.entries import Entry, FailedRequest
from tests.unit.darkroom.terminal.samples import ENTRY, FAILED


def shown(table: Table) -> str:
    """Return the text of a table."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_names_are_not_markup() -> None:
    """A key is shown unchanged."""
    assert "odd [bold]name[/].jpg" in shown(entry_table([ENTRY]))
    assert "odd [bold]name[/].jpg" in shown(entry_details(ENTRY))


def test_details_of_a_processed_image() -> None:
    """The analysis is shown: colors, placeholder, hashes, camera."""
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
    text = shown(entry_details(done))
    for fact in ("avatar", "#102030", "W/gF", "b122", "12.5", "model Brownie, iso 100", "5ad"):
        assert fact in text


def test_details_of_a_failure() -> None:
    """The error is shown with its code."""
    assert "corrupt: The file is damaged." in shown(entry_details(FAILED))


def test_a_failed_request() -> None:
    """Status and renditions of the change before it are shown, and why the request failed."""
    failed: FailedRequest = {
        "code": "too-large-rendition",
        "message": "Ask for a [smaller] one.",
        "time": datetime.now(UTC).isoformat(),
        "recipe": "poster",
    }
    entry: Entry = {**ENTRY, "failed_request": failed}
    assert "done request failed" in shown(entry_table([entry]))
    text = " ".join(shown(entry_details(entry)).split())
    assert "too-large-rendition: Ask for a [smaller] one. (recipe poster, 0 s ago)" in text
    assert "300×300, 7,722 bytes" in text
    failed["retry"] = {"code": "ClientError", "message": "SlowDown"}
    failed["recipe"] = "{}"
    text = " ".join(shown(entry_details(entry)).split())
    assert "(0 s ago; `darkroom redrive` retries it)" in text


def test_details_of_an_image_that_is_retried() -> None:
    """The error of the last attempt is shown until the next one ends."""
    waiting: Entry = {
        **FAILED,
        "status": "processing",
        "retry": {"code": "ClientError", "message": "SlowDown"},
    }
    del waiting["error"]
    assert "ClientError: SlowDown (it is retried)" in shown(entry_details(waiting))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"lease": 1, "attempts": 2}, "s ago; 2 crashed"),
        ({"lease": 9e9, "attempts": 1}, "in progress for at most"),
        ({"lease": 9e9, "attempts": 3}, "2 crashed"),
        ({}, "none in progress; the next one is pending"),
    ],
)
def test_details_of_an_attempt_in_progress(fields: dict[str, Any], text: str) -> None:
    """The end of its lease and the number of crashes are shown, before the size is known."""
    begun: Entry = {
        "filename": "a", "status": "processing", "timestamp": "2026-05-01T12:00:00.000Z",
        "sequencer": "1", "updated": "2026-05-01T12:00:00.000Z",
        **fields,  # type: ignore[typeddict-item]
    }  # fmt: skip
    assert text in shown(entry_details(begun))
    assert "processing" in shown(entry_table([begun]))


def test_details_of_a_deleted_original() -> None:
    """The time of the deletion is shown, and not that of the upload."""
    tombstone: Entry = {
        "filename": "a", "status": "deleted", "timestamp": "2026-05-01T12:00:00.000Z",
        "sequencer": "1", "updated": "2026-05-01T12:00:01.000Z", "expires": 9,
    }  # fmt: skip
    text = shown(entry_details(tombstone))
    assert "2026-05-01T12:00:01.000Z" in text
    assert "uploaded" not in text
