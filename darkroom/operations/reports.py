"""What an operator reads in a terminal: dead letters, and what does not fit together."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.operations.consistency import (
    KINDS,
    Fault,
    Findings,
    Kind,
)
from darkroom.operations.dead_letters import NOTHING_LEFT, Dead
from darkroom.terminal import tables

ID_SHOWN = 8
"""Characters of a message's id in a table: enough to tell one from the others."""

MEANING: dict[Kind, str] = {
    "no-entry": "original without an entry",
    "no-original": "entry without its original",
    "stuck": "entry that says processing, though nobody is at work",
    "stale": "entry of another version of the original",
    "missing": "renditions missing, or of another size than the entry says, by original",
    "orphan": "stored objects that no entry names, by original",
}


def dead(letters: Iterable[Dead]) -> Table:
    """A row for each message, with the reason."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("message", no_wrap=True)
    table.add_column("key", overflow="fold", ratio=2)
    table.add_column("kind", no_wrap=True)
    table.add_column("age", no_wrap=True)
    table.add_column("received", justify="right", no_wrap=True)
    table.add_column("reason", overflow="fold", ratio=3)
    table.expand = True
    for each in letters:
        table.add_row(
            each.letter.id[:ID_SHOWN],
            Text(each.key or "-"),
            each.change.kind if each.change else "-",
            tables.age(each.letter.sent.isoformat()),
            str(each.letter.received),
            _reason(each),
        )
    return table


def letter(each: Dead) -> Table:
    """Everything about one message."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("message", each.letter.id)
    sent = each.letter.sent.isoformat(timespec="milliseconds")
    table.add_row("sent", f"{sent} ({tables.age(sent)} ago)")
    table.add_row("received", f"{each.letter.received} times, this time included")
    if each.change:
        table.add_row("key", Text(each.key))
        table.add_row("kind", each.change.kind)
        table.add_row("sequencer", Text(each.change.sequencer))
    if each.entry:
        table.add_row("entry", f"{tables.status(each.entry)}, sequencer {each.entry['sequencer']}")
    table.add_row("reason", _reason(each))
    table.add_row("body", Text(_readable(each.letter.body)))
    return table


def dead_as_data(each: Dead) -> dict[str, Any]:
    """The same for programs."""
    return {
        "id": each.letter.id,
        "key": each.key or None,
        "kind": each.change.kind if each.change else None,
        "sent": each.letter.sent.isoformat(timespec="milliseconds"),
        "received": each.letter.received,
        "code": each.reason.code,
        "reason": each.reason.sentence,
        "body": each.letter.body,
    }


def faults(found: Iterable[Fault], shown: int | None) -> Iterator[RenderableType]:
    """The faults by kind, with the first ``shown`` keys of each; None shows all."""
    for kind, alike in by_kind(found).items():
        yield f"[bold]{MEANING[kind]}:[/] [bold red]{len(alike):,}[/]"
        table = Table(box=None, show_header=False)
        table.add_column(overflow="fold")
        table.add_column(overflow="fold", style="dim")
        for each in alike[:shown]:
            table.add_row(Text(each.key or "(no key)"), Text(each.detail))
        yield table
        if shown is not None and len(alike) > shown:
            yield f" … and {len(alike) - shown:,} more: --all shows them"


def by_kind(found: Iterable[Fault]) -> dict[Kind, list[Fault]]:
    """The faults of each kind that there is."""
    kinds: dict[Kind, list[Fault]] = {kind: [] for kind in KINDS}
    for each in found:
        kinds[each.kind].append(each)
    return {kind: alike for kind, alike in kinds.items() if alike}


def findings_as_data(findings: Findings) -> dict[str, Any]:
    """The same for programs."""

    def listed(found: Iterable[Fault]) -> dict[str, list[dict[str, str]]]:
        return {
            kind: [{"key": each.key, "detail": each.detail} for each in alike]
            for kind, alike in by_kind(found).items()
        }

    comparison = findings.comparison
    return {
        "originals": comparison.originals,
        "entries": len(comparison.entries),
        "stored": comparison.stored,
        "queue": findings.queue,
        "faults": listed(findings.faults),
        "under way": listed(findings.under_way),
    }


def counted(count: int, noun: str) -> str:
    """How many of something, in words that go with it."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _reason(each: Dead) -> Text:
    style = "dim" if each.reason in NOTHING_LEFT else "red"
    return Text.assemble((each.reason.code, style), ": ", each.reason.sentence)


def _readable(body: str) -> str:
    """JSON over several lines, anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
