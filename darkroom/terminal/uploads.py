"""Uploads in the terminal: a progress bar for each, and their results."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from darkroom.operations.uploads import Upload, UploadResult
from darkroom.terminal.console import console, error_console
from darkroom.terminal.entries import dimensions, size, status
from darkroom.terminal.escape import escape, on_one_line
from darkroom.terminal.labels import hold_reasons, label_table
from processor.catalog.entries import Entry

OTHER_LINES = 4
"""Lines of the terminal that are not bars."""


class UploadBars:
    """Progress bars, shown while the ``with`` block runs."""

    def __init__(self, uploads: Sequence[Upload]) -> None:
        # More bars than lines: only those in progress are shown.
        self._is_long = len(uploads) > console.height - OTHER_LINES
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),  # with markup, `:smile:` is an emoji
            BarColumn(bar_width=20),
            DownloadColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
        )
        self._tasks = {
            each.key: self._progress.add_task(
                on_one_line(each.key),
                total=each.file.stat().st_size,
                state="[dim]waiting",
                visible=not self._is_long,
            )
            for each in uploads
        }

    def sent(self, upload: Upload, count: int) -> None:
        """Advance the bar of an upload."""
        self._progress.advance(self._tasks[upload.key], count)

    def reached(self, upload: Upload, state: str) -> None:
        """Show the state of an upload."""
        self._progress.update(self._tasks[upload.key], state=f"[cyan]{state}", visible=True)

    def ended(self, result: UploadResult) -> None:
        """Show the status that an upload ended with."""
        state = f"[red]not processed after {result.seconds:.0f} s"
        if result.entry:
            state = f"{status(result.entry)} in {result.seconds:.2f} s"
        task = self._tasks[result.upload.key]
        self._progress.update(task, state=state, visible=not self._is_long)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def print_skipped(skipped: Sequence[tuple[Path, str]]) -> None:
    """Print the files of folders that are not uploaded, each with the reason."""
    for file, reason in skipped:
        error_console.print(
            f"[yellow]Skipped[/] {escape(str(file))}: {escape(reason)}", soft_wrap=True
        )


TRUNCATED = (
    "The file ends before the image does. What it has was rendered. To refuse such files, "
    'set "truncated": "refuse" in the recipe.'
)


def print_results(results: Sequence[UploadResult]) -> None:
    """Print the renditions, the labels and the failures; exits with 1 if there is a failure."""
    console.print()
    console.print(result_table(results))
    if labels := label_table([each.entry for each in results if each.entry]):
        console.print()
        console.print(labels)
    for each in results:
        if each.entry and "truncated" in each.entry.get("warnings", ()):
            console.print(f"[yellow]{escape(each.upload.key)}[/]: {TRUNCATED}", soft_wrap=True)
    exit_on_failures(results)


def exit_on_failures(results: Sequence[UploadResult]) -> None:
    """Print the reason of each failure; exits with 1 if there is one."""
    failures = [
        each
        for each in results
        if not each.entry or each.entry["status"] != "done" or "failed_request" in each.entry
    ]
    for each in failures:
        reason = _reason(each.entry)
        error_console.print(f"[red]{escape(each.upload.key)}[/]: {escape(reason)}", soft_wrap=True)
    if failures:
        raise typer.Exit(1)


def result_table(results: Sequence[UploadResult]) -> Table:
    """Return a row for each rendition: dimensions, bytes, and milliseconds to render it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("original", "rendition", "type"):
        table.add_column(heading)
    for heading in ("pixels", "bytes", "ms"):
        table.add_column(heading, justify="right")
    for result in results:
        entry = result.entry
        name = escape(result.upload.key)
        if entry is None:
            table.add_row(name, Text("not processed: see `darkroom logs`", style="red"))
        elif entry["status"] == "failed":
            table.add_row(name, f"[red]{escape(entry['error']['code'])}")
        elif entry["status"] != "done" or "failed_request" in entry:
            table.add_row(name, status(entry))
        else:
            table.add_row(
                name, "", f"[dim]{escape(entry['format'])}", dimensions(entry), size(entry), ""
            )
            for each in entry["renditions"]:
                table.add_row(
                    "",
                    escape(each["name"]),
                    f"[dim]{escape(each['type'].removeprefix('image/'))}",
                    f"{each['width']}×{each['height']}",
                    f"{each['bytes']:,}",
                    str(each["ms"]),
                )
    return table


def _reason(entry: Entry | None) -> str:
    """Return why there are no new renditions."""
    if entry is None:
        return "It was not processed in time. To see the queue, run `darkroom status`."
    if failed := entry.get("failed_request"):
        return f"{failed['message']} The published renditions are unchanged."
    if entry["status"] == "deleted":
        return "The original was deleted during processing."
    if entry["status"] == "review":
        return f"It is held for review: {hold_reasons(entry)}. Approve or reject it on the page."
    if entry["status"] == "rejected":
        return f"It was rejected: {hold_reasons(entry)}."
    return entry["error"]["message"]
