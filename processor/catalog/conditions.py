"""Conditional writes to the catalog, and their conditions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from processor.catalog.attributes import aliases, serialize
from processor.catalog.entries import Catalog, Entry, entry_of
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


def unedited(entry: Entry) -> Condition:
    """Return the condition that the image exists, and nobody has edited it since."""
    expression, values = "attribute_exists(#filename) AND #status <> :gone", {":gone": "deleted"}
    if "edit" in entry:
        return f"{expression} AND #edit = :edit", {**values, ":edit": entry["edit"]}
    return f"{expression} AND attribute_not_exists(#edit)", values


def update(
    catalog: Catalog,
    filename: str,
    values: Mapping[str, Any],
    without: Iterable[str],
    condition: Condition,
) -> Entry:
    """Write fields of an entry, and remove those in ``without``, if the condition holds.

    Other fields stay. Returns the whole entry. Raises ``LostClaimError``.
    """
    expression, compared = condition
    removed = sorted(without)
    changes = f"SET {', '.join(f'#{name} = :new_{name}' for name in values)}"
    if removed:
        changes += f" REMOVE {', '.join(f'#{name}' for name in removed)}"
    with _unless_lost():
        response = catalog.dynamodb.update_item(
            TableName=catalog.table,
            Key=serialize({"filename": filename}),
            UpdateExpression=changes,
            ConditionExpression=expression,
            ExpressionAttributeNames=aliases(*re.findall(r"#(\w+)", f"{changes} {expression}")),
            ExpressionAttributeValues=serialize(
                {**compared, **{f":new_{name}": each for name, each in values.items()}}
            ),
            ReturnValues="ALL_NEW",
        )
    return entry_of(response["Attributes"])


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
