"""Signing keys as a table and as JSON, without their values unless they are wanted."""

from collections.abc import Iterator

from rich.table import Table

from darkroom.operations.signing_keys import SigningKeys, fingerprint
from darkroom.terminal.escape import escape

PUBLIC = frozenset({"imgproxy-sources"})
"""Entries that are not secret."""


def keys_table(keys: SigningKeys, *, reveal: bool) -> Table:
    """Return a table with a row for each entry."""
    table = Table("entry", "SHA-256", "value", box=None, pad_edge=False)
    for name, value in _entries(keys):
        is_shown = reveal or name in PUBLIC
        table.add_row(escape(name), fingerprint(value), escape(value) if is_shown else "secret")
    return table


def keys_json(keys: SigningKeys, *, reveal: bool) -> dict[str, object]:
    """Return the entries for JSON."""
    return {
        "changed": keys.changed.isoformat(),
        "entries": [
            {"name": name, "sha256": fingerprint(value)}
            | ({"value": value} if reveal or name in PUBLIC else {})
            for name, value in _entries(keys)
        ],
    }


def _entries(keys: SigningKeys) -> Iterator[tuple[str, str]]:
    order = ["current", "previous"]
    yield from sorted(
        keys.values.items(),
        key=lambda each: (order.index(each[0]) if each[0] in order else len(order), each[0]),
    )
