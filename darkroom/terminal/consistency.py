"""The findings of a consistency check in the terminal and as JSON, by kind of fault."""

from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from darkroom.operations.consistency import KINDS, Fault, Findings, Kind
from darkroom.terminal.escape import escape
from darkroom.terminal.units import counted

MEANING: dict[Kind, str] = {
    "no-entry": "originals without an entry",
    "no-original": "entries without an original",
    "stuck": "entries in processing without an attempt in progress",
    "stale": "entries of another version of the original",
    "missing": "originals whose renditions are missing, or differ from the entry",
    "orphan": "originals with stored objects that the entry does not name",
    "stale-variant": "originals with variants of another version",
    "unindexed": "images that searches miss, or find by what they do not have",
}


def fault_report(faults: Iterable[Fault], limit: int | None) -> Iterator[RenderableType]:
    """Yield the faults by kind, with the first ``limit`` keys of each; None shows all."""
    for kind, alike in _by_kind(faults).items():
        yield f"[bold]{MEANING[kind]}:[/] [bold red]{len(alike):,}[/]"
        table = Table(box=None, show_header=False)
        table.add_column(overflow="fold")
        table.add_column(overflow="fold", style="dim")
        for each in alike[:limit]:
            table.add_row(escape(each.key or "(no key)"), escape(each.detail))
        yield table
        if limit is not None and len(alike) > limit:
            yield f" … and {len(alike) - limit:,} more (--all prints them)"


def findings_report(findings: Findings, limit: int | None) -> Iterator[RenderableType]:
    """Yield the faults, the numbers that were compared, and the conclusion."""
    if findings.faults:
        yield from fault_report(findings.faults, limit)
        yield ""
    comparison = findings.comparison
    yield (
        f"Compared {comparison.originals:,} originals, {len(comparison.entries):,} entries, "
        f"{comparison.stored:,} renditions, and {comparison.variants:,} variants."
    )
    if findings.pending:
        count = len({each.key for each in findings.pending})
        queue = findings.queue
        yield (
            f"{counted(count, 'key')} may be in progress ({queue['waiting']} messages waiting, "
            f"{queue['in flight']} in flight), or changed during the check. Check again later."
        )
    if findings.faults:
        count = len({each.key for each in findings.faults})
        yield (
            f"[red]{counted(count, 'inconsistent key')}.[/] To repair them, run `darkroom "
            "check --repair`."
        )
    elif not findings.pending:
        yield "[green]Everything is consistent.[/]"


def findings_json(findings: Findings) -> dict[str, Any]:
    """Return the findings as JSON."""

    def listed(faults: Iterable[Fault]) -> dict[str, list[dict[str, str]]]:
        return {
            kind: [{"key": each.key, "detail": each.detail} for each in alike]
            for kind, alike in _by_kind(faults).items()
        }

    comparison = findings.comparison
    return {
        "originals": comparison.originals,
        "entries": len(comparison.entries),
        "stored": comparison.stored,
        "variants": comparison.variants,
        "queue": findings.queue,
        "faults": listed(findings.faults),
        "pending": listed(findings.pending),
    }


def _by_kind(faults: Iterable[Fault]) -> dict[Kind, list[Fault]]:
    kinds: dict[Kind, list[Fault]] = {kind: [] for kind in KINDS}
    for each in faults:
        kinds[each.kind].append(each)
    return {kind: alike for kind, alike in kinds.items() if alike}
