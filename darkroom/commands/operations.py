"""Keep the pipeline in order: work to be done again, and whether all fits together."""

import json
import sys
import time
from itertools import islice
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from darkroom.cloud import Cloud
from darkroom.commands.common import PatienceOption, StackOption, console, errors
from darkroom.commands.dead import INTERRUPTED, DryRunOption, JsonOption
from darkroom.engine import recipe_files
from darkroom.operations import repair, reports
from darkroom.operations.consistency import Findings
from darkroom.operations.consistency import check as compare
from darkroom.operations.reports import counted
from darkroom.operations.reprocess import Backfill

KEYS_SHOWN = 5
DRY_RUN_SHOWN = 20

PrefixArgument = Annotated[str, typer.Argument(help="Only originals whose key begins so.")]

app = typer.Typer()


@app.command()
def reprocess(
    prefix: PrefixArgument = "",
    *,
    recipe: Annotated[
        str | None,
        typer.Option(help="Name of the recipe to use; else it is what each original names."),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    rate: Annotated[float, typer.Option(min=0.1, help="Most originals a second.")] = 100,
    start_after: Annotated[
        str, typer.Option(help="Leave out the keys up to this one, in the order of the bucket.")
    ] = "",
    dry_run: DryRunOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Ask for originals to be processed again, in the order of their keys."""
    if recipe is not None:
        recipe_files.named(recipe)
    backfill = Backfill(Cloud.find(stack), prefix, recipe, failed, rate, start_after)
    if dry_run:
        _dry_run(backfill)
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
                progress.update(task, completed=sent, key=backfill.done_to, rate=sent / seconds)
            progress.update(task, total=backfill.sent, key="")
    except KeyboardInterrupt:
        _say_how_to_resume(backfill, stack)
        raise typer.Exit(INTERRUPTED) from None
    except Exception:
        _say_how_to_resume(backfill, stack)
        raise
    console.print(
        f"{backfill.sent:,} of {backfill.looked_at:,} originals will be processed again: "
        "`darkroom status` tells how far it is."
        if backfill.sent
        else f"None of {backfill.looked_at:,} originals is to be processed again."
    )


@app.command()
def check(
    prefix: PrefixArgument = "",
    *,
    mend: Annotated[
        bool, typer.Option("--repair", help="Have what does not fit processed again; check again.")
    ] = False,
    show_all: Annotated[bool, typer.Option("--all", help="Show all keys.")] = False,
    as_json: JsonOption = False,
    grace: Annotated[
        float,
        typer.Option(min=0, help="Seconds that S3 may take to tell of an upload."),
    ] = 60,
    patience: PatienceOption = 120,
    stack: StackOption = "darkroom",
) -> None:
    """Compare originals, catalog and renditions; exits with 1 if they do not fit together."""
    cloud = Cloud.find(stack)
    out = errors if as_json else console
    shown = None if show_all else KEYS_SHOWN
    findings = _check(cloud, prefix, grace, out)
    if mend and findings.faults:
        if not as_json:
            _show_faults(findings, shown)
        _repair(cloud, findings, patience, out)
        findings = _check(cloud, prefix, grace, out)
    if as_json:
        print(json.dumps(reports.findings_as_data(findings), indent=2))  # noqa: T201
    else:
        _conclude(findings, shown)
    if findings.faults:
        raise typer.Exit(1)


def _dry_run(backfill: Backfill) -> None:
    wanted = backfill.wanted()
    keys = [original.key for original, _ in islice(wanted, DRY_RUN_SHOWN)]
    for key in keys:
        console.print(escape(key), highlight=False, soft_wrap=True)
    more = sum(1 for _ in wanted)
    if more:
        console.print(f"… and {more:,} more")
    console.print(
        f"{len(keys) + more:,} of {backfill.looked_at:,} originals would be processed again."
    )


def _say_how_to_resume(backfill: Backfill, stack: str) -> None:
    errors.print(f"{counted(backfill.sent, 'request')} went to the queue. To carry on:")
    command = backfill.resume(sys.argv[0], stack)
    errors.print(f"  {command}", markup=False, highlight=False, soft_wrap=True)


def _check(cloud: Cloud, prefix: str, grace: float, out: Console) -> Findings:
    with out.status("Reading the catalog and the buckets") as status:
        return compare(
            cloud, prefix, grace, lambda what, count: status.update(f"Reading: {count:,} {what}")
        )


def _repair(cloud: Cloud, findings: Findings, patience: float, out: Console) -> None:
    keys = {each.key for each in findings.faults if each.key}
    if not keys:
        return
    with Progress(
        TextColumn("repairing"), BarColumn(bar_width=20), MofNCompleteColumn(), console=out
    ) as progress:
        task = progress.add_task("", total=len(keys))
        after: dict[str, str] = {}
        for requests in repair.requests(cloud, findings):
            repair.ask(cloud, requests)
            after |= {each.key: each.after for each in requests}
        for _ in repair.settled(cloud, after, patience):
            progress.advance(task)
        repair.drain(cloud)
        unsettled = len(keys) - round(progress.tasks[task].completed)
    if unsettled:
        out.print(
            f"[yellow]{unsettled} of {len(keys)} were not settled within {patience:.0f} s after "
            "the others: `darkroom dead` and `darkroom logs` may tell why.[/]"
        )


def _show_faults(findings: Findings, shown: int | None) -> None:
    for part in reports.faults(findings.faults, shown):
        console.print(part)
    console.print()


def _conclude(findings: Findings, shown: int | None) -> None:
    if findings.faults:
        _show_faults(findings, shown)
    comparison = findings.comparison
    console.print(
        f"Compared {comparison.originals:,} originals, {len(comparison.entries):,} entries and "
        f"{comparison.stored:,} renditions."
    )
    if findings.under_way:
        count = len({each.key for each in findings.under_way})
        queue = findings.queue
        console.print(
            f"{counted(count, 'key')} may still be worked on ({queue['waiting']} messages "
            f"waiting, {queue['in flight']} in flight), or changed during the check: look again "
            "later."
        )
    if findings.faults:
        count = len({each.key for each in findings.faults})
        console.print(
            f"[red]{counted(count, 'key')} with faults.[/] `darkroom check --repair` has them "
            "processed again."
        )
    elif not findings.under_way:
        console.print("[green]All fits together.[/]")
