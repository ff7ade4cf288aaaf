"""Dead letters in the terminal and as JSON, each with the reason why it is there."""

import json
from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from darkroom.operations.dead_letters import NO_WORK_LEFT, DeadLetter
from darkroom.terminal.entries import status
from darkroom.terminal.escape import escape, escape_lines, on_one_line
from darkroom.terminal.units import age

ID_SHOWN = 8
"""Characters of a message's id in a table, enough to identify it."""


def dead_letter_table(letters: Iterable[DeadLetter]) -> Table:
    """Return a row for each message."""
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
            each.message.id[:ID_SHOWN],
            escape(each.key or "-"),
            each.change.kind if each.change else "-",
            age(each.message.sent.isoformat()),
            str(each.message.received),
            _reason(each),
        )
    return table


def dead_letter_details(letter: DeadLetter) -> Table:
    """Return everything about one message, a row for each field."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("message", letter.message.id)
    sent = letter.message.sent.isoformat(timespec="milliseconds")
    table.add_row("sent", f"{sent} ({age(sent)} ago)")
    table.add_row("received", f"{letter.message.received} times, including this command")
    if letter.change:
        table.add_row("key", escape(letter.key))
        table.add_row("kind", letter.change.kind)
        table.add_row("sequencer", escape(letter.change.sequencer))
    if letter.entry:
        table.add_row("entry", f"{status(letter.entry)}, sequencer {letter.entry['sequencer']}")
    table.add_row("reason", _reason(letter))
    table.add_row("body", escape_lines(_indented(letter.message.body)))
    return table


def dead_letter_json(letter: DeadLetter) -> dict[str, Any]:
    """Return a message and its reason as JSON."""
    return {
        "id": letter.message.id,
        "key": letter.key or None,
        "kind": letter.change.kind if letter.change else None,
        "sent": letter.message.sent.isoformat(timespec="milliseconds"),
        "received": letter.message.received,
        "code": letter.reason.code,
        "reason": letter.reason.sentence,
        "body": letter.message.body,
    }


def _reason(letter: DeadLetter) -> Text:
    style = "dim" if letter.reason in NO_WORK_LEFT else "red"
    return Text.assemble(
        (on_one_line(letter.reason.code), style), ": ", on_one_line(letter.reason.sentence)
    )


def _indented(body: str) -> str:
    """Return JSON indented, and any other text unchanged."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
