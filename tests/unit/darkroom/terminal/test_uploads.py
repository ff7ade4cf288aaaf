"""Results of uploads in the terminal."""

from pathlib import Path

import pytest
import typer
from rich.console import Console

from darkroom.operations.uploads import Upload, UploadResult
from darkroom.terminal.uploads import exit_on_failures, result_table
from processor.catalog.entries import Entry
from tests.unit.darkroom.terminal.samples import ENTRY, FAILED


def result(key: str, entry: Entry | None) -> UploadResult:
    """Return the result of an upload."""
    return UploadResult(Upload(Path(key), key), entry, 0.1)


def test_the_table() -> None:
    """It has the renditions, the code of a failure, and uploads that were not processed."""
    console = Console(width=120)
    with console.capture() as capture:
        console.print(
            result_table(
                [result("good.jpg", ENTRY), result("bad.jpg", FAILED), result("lost.jpg", None)]
            )
        )
    text = capture.get()
    assert "807×1024  171,368" in text
    assert "300×300" in text
    assert "7,722" in text
    assert "corrupt" in text
    assert "not processed" in text


def test_failures_exit_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """Each failure is printed with its reason."""
    exit_on_failures([result("good.jpg", ENTRY)])
    with pytest.raises(typer.Exit):
        exit_on_failures([result("good.jpg", ENTRY), result("bad.jpg", FAILED)])
    assert capsys.readouterr().err == "bad.jpg: The file is damaged.\n"
