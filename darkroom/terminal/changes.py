"""The changes of a deployment in the terminal: a row for each parameter and each property."""

import json
from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from darkroom.terminal.escape import escape, on_one_line
from localstack_init.change_set import Change, Difference

MARKS = {"Add": ("+", "green"), "Modify": ("~", "yellow"), "Remove": ("-", "red")}
"""The mark and color of an action; ± is a replacement."""

WIDEST = 60
"""Characters shown of a property's value."""

CONTEXT = 20
"""Characters shown before the first difference."""


def change_table(parameters: Iterable[Difference], resources: Iterable[Change]) -> Table:
    """Return the changes: first of the parameters, then of the resources' properties."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for parameter in parameters:
        table.add_row("~", escape(parameter.path), "parameter", _from_to(parameter))
    for each in resources:
        mark, color = MARKS.get(each.action, ("?", ""))
        if each.replacement != "False":
            mark, color = ("±", "red") if each.replacement == "True" else ("±?", "yellow")
        lines = [
            # Some changes come without values.
            escape(difference.path)
            if difference.before == difference.after
            else f"{escape(difference.path)}: {_from_to(difference)}"
            for difference in each.differences
        ]
        kind = each.kind.removeprefix("AWS::")
        table.add_row(
            Text(mark, style=color),
            Text(on_one_line(each.resource), style=color),
            kind,
            "\n".join(lines),
        )
    return table


def _from_to(difference: Difference) -> str:
    """Return both values; of long ones, the part where they differ."""
    before, after = (
        value if isinstance(value, str) else json.dumps(value)
        for value in (difference.before, difference.after)
    )
    pairs = enumerate(zip(before, after, strict=False))
    end = min(len(before), len(after))
    same = next((number for number, (one, other) in pairs if one != other), end)
    start = max(0, same - CONTEXT) if max(len(before), len(after)) > WIDEST else 0
    return " [dim]→[/] ".join(
        "[dim]none[/]" if value in (None, "") else escape(_cut(text, start))
        for value, text in ((difference.before, before), (difference.after, after))
    )


def _cut(text: str, start: int) -> str:
    end = start + WIDEST
    return f"{'…' if start else ''}{text[start:end]}{'…' if text[end:] else ''}"
