"""Permissions of the stack, in the terminal and as JSON."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from localstack_init.permissions import Permission


def permission_table(permissions: Iterable[Permission]) -> Table:
    """Return a row for each permission: who, what, on which resource, why, and its proof."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("role or policy", overflow="fold")
    table.add_column("action", overflow="fold", min_width=20)
    for heading in ("resource", "why", "flow that fails without it"):
        table.add_column(heading, overflow="fold")
    last = ("", "")
    for each in permissions:
        is_new = (each.holder, each.statement) != last
        why = " ".join(filter(None, [each.why, each.only_if])) if is_new else ""
        table.add_row(
            each.holder if each.holder != last[0] else "",
            each.what,
            each.resource,
            why,
            each.flow or f"[dim]none: {each.unproven}",
        )
        last = (each.holder, each.statement)
    return table


def permission_json(permission: Permission) -> dict[str, Any]:
    """Return a permission as JSON."""
    return {
        "holder": permission.holder,
        "statement": permission.statement,
        "effect": "Deny" if permission.is_denied else "Allow",
        "principal": permission.principal or None,
        "action": permission.action,
        "resource": permission.resource,
        "why": permission.why,
        "only_if": permission.only_if or None,
        "flow": permission.flow or None,
        "unproven": permission.unproven or None,
    }
