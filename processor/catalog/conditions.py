"""Conditions of the writes to the catalog."""

from typing import Any

from processor.catalog.entries import Entry

Condition = tuple[str, dict[str, Any]]
"""An expression of DynamoDB's, in which attributes are named ``#name``, and its values."""


def new() -> Condition:
    """The condition that nothing is known of the key."""
    return "attribute_not_exists(#filename)", {}


def ours(entry: Entry) -> Condition:
    """The condition that the claim which has made ``entry`` is still held.

    It holds after the outcome, too: a write whose answer was lost may be sent again.
    """
    return (
        "#sequencer = :ours AND #owner = :me",
        {":ours": entry["sequencer"], ":me": entry["owner"]},
    )


def still(entry: Entry) -> Condition:
    """The condition that nobody has begun or ended anything since ``entry`` was read."""
    expression = "#sequencer = :seen AND #owner = :then AND #status = :so"
    values = {":seen": entry["sequencer"], ":then": entry["owner"], ":so": entry["status"]}
    if "lease" in entry:
        return f"{expression} AND #lease = :until", {**values, ":until": entry["lease"]}
    return f"{expression} AND attribute_not_exists(#lease)", values
