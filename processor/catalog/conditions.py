"""Conditions of writes to the catalog."""

from typing import Any

from processor.catalog.entries import Entry

Condition = tuple[str, dict[str, Any]]
"""A condition expression with attribute names written as ``#name``, and its values."""


def new() -> Condition:
    """Return the condition that the key has no entry."""
    return "attribute_not_exists(#filename)", {}


def ours(entry: Entry) -> Condition:
    """Return the condition that the claim which wrote ``entry`` is still held.

    It is true after the outcome, too: a write whose response was lost may be sent again.
    """
    return (
        "#sequencer = :ours AND #owner = :me",
        {":ours": entry["sequencer"], ":me": entry["owner"]},
    )


def still(entry: Entry) -> Condition:
    """Return the condition that no attempt has begun or ended since ``entry`` was read."""
    expression = "#sequencer = :seen AND #owner = :then AND #status = :so"
    values = {":seen": entry["sequencer"], ":then": entry["owner"], ":so": entry["status"]}
    if "lease" in entry:
        return f"{expression} AND #lease = :until", {**values, ":until": entry["lease"]}
    return f"{expression} AND attribute_not_exists(#lease)", values
