"""What the commands have in common: options, and how they speak."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from darkroom.operations.uploads import Outcome
from darkroom.terminal import labels, tables
from processor.catalog.entries import Entry

console = Console()
errors = Console(stderr=True)

StackOption = Annotated[
    str, typer.Option("--stack", envvar="DARKROOM_STACK", help="Name of the stack.")
]
PatienceOption = Annotated[
    float, typer.Option("--patience", help="Seconds to wait for the pictures to be processed.")
]
KeyArgument = Annotated[str, typer.Argument(help="Key of an original.")]


class UsageError(Exception):
    """The command was given something that it cannot work with. Says what to do."""


def say(line: str) -> None:
    """Write a line as it is."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def check_files(files: Sequence[Path]) -> None:
    """Refuse what is missing, and folders."""
    for file in files:
        if not file.exists():
            raise UsageError(f"No such file: {file}")
        if not file.is_file():
            raise UsageError(f"Not a file: {file}")


def conclude(results: Sequence[Outcome]) -> None:
    """Print the table, then each reason for a failure; exits with 1 if there is one."""
    console.print()
    console.print(tables.outcomes(results))
    if found := labels.findings(each.entry for each in results if each.entry):
        console.print()
        console.print(found)
    complain(results)


def complain(results: Sequence[Outcome]) -> None:
    """Print each reason for a failure; exits with 1 if there is one."""
    bad = [
        each
        for each in results
        if not each.entry or each.entry["status"] != "done" or "failed_request" in each.entry
    ]
    for each in bad:
        reason = _reason(each.entry)
        errors.print(f"[red]{escape(each.upload.key)}[/]: {escape(reason)}", soft_wrap=True)
    if bad:
        raise typer.Exit(1)


def _reason(entry: Entry | None) -> str:
    """Why there are no renditions."""
    if entry is None:
        return "Not processed in time."
    if failed := entry.get("failed_request"):
        return f"{failed['message']} What was published of the same file before stays."
    if entry["status"] == "deleted":
        return "The original was deleted meanwhile."
    if entry["status"] == "review":
        return f"It is held for review: {labels.why_held(entry)}. The page can let it pass."
    if entry["status"] == "rejected":
        return f"It was rejected: {labels.why_held(entry)}."
    return entry["error"]["message"]
