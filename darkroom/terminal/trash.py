"""Originals that can be restored, in the terminal and as JSON."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from darkroom.operations.trash import Restorable
from darkroom.terminal.escape import escape
from darkroom.terminal.units import age, counted
from processor.change import timestamp


def trash_table(found: Iterable[Restorable], *, with_versions: bool) -> Table:
    """Return a row for each version that can be restored."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("deleted", no_wrap=True)
    table.add_column("left", no_wrap=True)
    table.add_column("bytes", justify="right", no_wrap=True)
    table.add_column("key", overflow="fold")
    if with_versions:
        table.add_column("version", overflow="fold")
    for each in found:
        row = [
            f"{age(each.deleted.isoformat())} ago",
            counted(each.days_left, "day") if each.days_left else "under a day",
            f"{each.version.size:,}",
            escape(each.version.key),
        ]
        if with_versions:
            note = " [dim](older)[/]" if each.is_replaced else ""
            row.append(f"{escape(each.version.id)}{note}")
        table.add_row(*row)
    return table


def trash_json(each: Restorable) -> dict[str, Any]:
    """Return a version that can be restored as JSON."""
    return {
        "key": each.version.key,
        "version_id": each.version.id,
        "bytes": each.version.size,
        "uploaded": timestamp(each.version.modified),
        "deleted": timestamp(each.deleted),
        "expires": timestamp(each.expires),
        "days_left": each.days_left,
        "is_replaced": each.is_replaced,
    }
