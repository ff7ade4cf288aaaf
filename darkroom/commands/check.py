"""`darkroom check`: compare originals, catalog and renditions, and repair what differs."""

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, PrefixArgument, StackOption, TimeoutOption
from darkroom.operations import consistency, index_check, repair
from darkroom.operations.consistency import Findings
from darkroom.terminal.consistency import fault_report, findings_json, findings_report
from darkroom.terminal.console import console, error_console

KEYS_SHOWN = 5


def check(
    prefix: PrefixArgument = "",
    *,
    repairs: Annotated[
        bool,
        typer.Option(
            "--repair", help="Process inconsistent keys again, and index them; then check again."
        ),
    ] = False,
    show_all: Annotated[
        bool, typer.Option("--all", help="Print all keys. Default: the first 5 of each kind.")
    ] = False,
    as_json: JsonOption = False,
    grace: Annotated[
        float,
        typer.Option(
            min=0, help="Seconds that S3 may take to notify the queue; younger uploads may differ."
        ),
    ] = 60,
    timeout: TimeoutOption = 120,
    stack: StackOption = "darkroom",
) -> None:
    """Compare originals, catalog entries, the index and renditions.

    Exits with 1 if they are inconsistent.
    """
    cloud = Cloud.find(stack)
    out = error_console if as_json else console
    limit = None if show_all else KEYS_SHOWN
    findings = _check(cloud, prefix, grace, out)
    if repairs and findings.faults:
        if not as_json:
            for part in fault_report(findings.faults, limit):
                console.print(part)
            console.print()
        _repair(cloud, findings, timeout, out)
        findings = _check_again(cloud, prefix, grace, out)
    if as_json:
        typer.echo(json.dumps(findings_json(findings), indent=2))
    else:
        for part in findings_report(findings, limit):
            console.print(part)
    if findings.faults:
        raise typer.Exit(1)


def _check(cloud: Cloud, prefix: str, grace: float, out: Console) -> Findings:
    with out.status("Reading the catalog and the buckets") as status:
        return consistency.check(
            cloud, prefix, grace, lambda what, count: status.update(f"Reading: {count:,} {what}")
        )


def _check_again(cloud: Cloud, prefix: str, grace: float, out: Console) -> Findings:
    """Check after a repair; without grace, until the index has followed the entries."""
    deadline = time.monotonic() + index_check.FOLLOW_SECONDS
    while True:
        findings = _check(cloud, prefix, grace, out)
        kinds = {each.kind for each in findings.faults}
        if kinds != {"unindexed"} or time.monotonic() > deadline:
            return findings
        time.sleep(repair.POLL_SECONDS)


def _rebuild_index(cloud: Cloud, findings: Findings, out: Console) -> None:
    keys = {each.key for each in findings.faults if each.kind == "unindexed"}
    if keys:
        with _progress("indexing", out) as progress:
            task = progress.add_task("", total=len(keys))
            index_check.rebuild(cloud, keys, lambda: progress.advance(task))


def _progress(what: str, out: Console) -> Progress:
    return Progress(TextColumn(what), BarColumn(bar_width=20), MofNCompleteColumn(), console=out)


def _repair(cloud: Cloud, findings: Findings, timeout: float, out: Console) -> None:
    _rebuild_index(cloud, findings, out)
    keys = {each.key for each in findings.faults if each.key and each.kind != "unindexed"}
    if not keys:
        return
    with _progress("repairing", out) as progress:
        task = progress.add_task("", total=len(keys))
        after: dict[str, str] = {}
        for batch in repair.requests(cloud, findings):
            repair.send_requests(cloud, batch)
            after |= {each.key: each.after for each in batch}
        for _ in repair.results(cloud, after, timeout):
            progress.advance(task)
        repair.drain(cloud)
        left = len(keys) - round(progress.tasks[task].completed)
    if left:
        out.print(
            f"[yellow]{left} of {len(keys)} keys were not processed within {timeout:.0f} s after "
            "the others. For the reasons, run `darkroom dead` and `darkroom logs`.[/]"
        )
