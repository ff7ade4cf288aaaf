"""`darkroom reprocess`: process originals again."""

import sys
import time
from itertools import islice
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from darkroom.cloud import Cloud
from darkroom.commands.options import (
    INTERRUPTED,
    DryRunOption,
    PrefixArgument,
    RecipeOption,
    StackOption,
)
from darkroom.operations.reprocess import Backfill
from darkroom.terminal.console import console, error_console
from darkroom.terminal.escape import escape, on_one_line
from darkroom.terminal.units import counted

KEYS_SHOWN = 20


def reprocess(
    prefix: PrefixArgument = "",
    *,
    recipe: RecipeOption = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only originals whose processing failed.")
    ] = False,
    rate: Annotated[
        float, typer.Option(min=0.1, help="Maximum number of originals per second.")
    ] = 100,
    start_after: Annotated[
        str,
        typer.Option(help="Skip keys up to and including this one. Keys are in UTF-8 order."),
    ] = "",
    dry_run: DryRunOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Process originals again, with the same or another recipe.

    Sends a request for each original to the queue, in the order of the keys, and does not wait
    for the results. If it is interrupted, it prints the command that continues, and exits with 130
    after Ctrl-C.
    """
    backfill = Backfill(Cloud.find(stack), prefix, recipe, failed, rate, start_after)
    if dry_run:
        _print_selected(backfill)
        return
    try:
        with Progress(
            BarColumn(bar_width=20),
            TextColumn("{task.completed:,.0f} sent"),
            TextColumn("[dim]{task.fields[rate]:.0f} a second"),
            TextColumn("{task.fields[key]}", markup=False),
            console=console,
        ) as progress:
            task = progress.add_task("", total=None, key="", rate=0)
            started = time.monotonic()
            for _ in backfill.run():
                sent, seconds = backfill.sent, time.monotonic() - started
                progress.update(
                    task, completed=sent, key=on_one_line(backfill.done_to), rate=sent / seconds
                )
            progress.update(task, total=backfill.sent, key="")
    except KeyboardInterrupt:
        _print_resume_command(backfill, stack)
        raise typer.Exit(INTERRUPTED) from None
    except Exception:
        _print_resume_command(backfill, stack)
        raise
    console.print(
        f"Sent requests for {backfill.sent:,} of {backfill.examined:,} originals. To see the "
        "progress, run `darkroom status`."
        if backfill.sent
        else f"None of {backfill.examined:,} originals is selected.{_why(backfill)}"
    )


def _why(backfill: Backfill) -> str:
    cloud = backfill.cloud
    if backfill.examined or not (cloud.deletes_originals or cloud.retention_days):
        return ""
    when = (
        "after processing"
        if cloud.deletes_originals
        else f"after {counted(cloud.retention_days, 'day')}"
    )
    return f" The stack deletes originals {when}: they cannot be processed again."


def _print_selected(backfill: Backfill) -> None:
    selected = backfill.selected()
    keys = [original.key for original, _ in islice(selected, KEYS_SHOWN)]
    for key in keys:
        console.print(escape(key), highlight=False, soft_wrap=True)
    more = sum(1 for _ in selected)
    if more:
        console.print(f"… and {more:,} more")
    console.print(
        f"{len(keys) + more:,} of {backfill.examined:,} originals would be processed again."
    )


def _print_resume_command(backfill: Backfill, stack: str) -> None:
    error_console.print(f"{counted(backfill.sent, 'request')} sent. To continue:")
    command = backfill.resume_command(sys.argv[0], stack)
    error_console.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)
