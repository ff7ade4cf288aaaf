"""Conditional writes to the catalog, and their conditions."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from processor.catalog.attributes import aliases, serialize
from processor.catalog.entries import Catalog, Entry
from processor.errors import LostClaimError

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


def put(catalog: Catalog, entry: Mapping[str, Any], condition: Condition) -> None:
    """Replace an entry if the condition holds. Raises ``LostClaimError``."""
    with _unless_lost():
        catalog.dynamodb.put_item(
            TableName=catalog.table, Item=serialize(entry), **_arguments(condition)
        )


def delete(catalog: Catalog, filename: str, condition: Condition) -> None:
    """Delete an entry if the condition holds. Raises ``LostClaimError``."""
    with _unless_lost():
        catalog.dynamodb.delete_item(
            TableName=catalog.table,
            Key=serialize({"filename": filename}),
            **_arguments(condition),
        )


def _arguments(condition: Condition) -> dict[str, Any]:
    expression, values = condition
    return {
        "ConditionExpression": expression,
        "ExpressionAttributeNames": aliases(*re.findall(r"#(\w+)", expression)),
        # DynamoDB refuses an empty map.
        **({"ExpressionAttributeValues": serialize(values)} if values else {}),
    }


@contextmanager
def _unless_lost() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise LostClaimError from error
        raise
