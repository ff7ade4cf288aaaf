"""Atomic writes for moto's DynamoDB tables: a stored item is replaced, never modified.

A reader collects items with the lock, then filters, projects and serializes them without it.
Written keys are recorded for the table's sorted indexes.
"""

import copy
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

from localstack_native.dynamodb.sorted_index import PrimaryKey, TableIndexes

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = RLock()
"""Held by every write, and by reads while they collect items."""

_indexes: "WeakKeyDictionary[Any, TableIndexes]" = WeakKeyDictionary()
"""The indexes of tables that have been read. A restored table is a new object without indexes."""

_KEY_TYPES = ("S", "N", "B")


def indexes_of(table: Any) -> TableIndexes:
    """Return a table's sorted indexes. The caller must hold the lock."""
    found = _indexes.get(table)
    if found is None:
        items = table.items

        def read(primary: PrimaryKey) -> Any | None:
            return stored(items, primary)

        found = _indexes[table] = TableIndexes(read)
        found.fill(items_of(table))
    return found


def stored(items: Any, primary: PrimaryKey) -> Any | None:
    """Return the item of a key in a table's ``items``; None if it does not exist."""
    partition_key, sort_key = primary
    if sort_key is None:
        return items.get(partition_key)
    return items.get(partition_key, {}).get(sort_key)


def note(table: Any, primary: PrimaryKey | None) -> None:
    """Record that the item of a key has been written."""
    if primary is not None and (indexes := _indexes.get(table)):
        indexes.note(primary)


def primary_key(table: Any, attributes: Any) -> PrimaryKey | None:
    """Return the primary key in an item or a request's ``Key``; None if it is invalid."""
    found = []
    for name in table.table_key_attrs:
        given = attributes.get(name)
        if not isinstance(given, dict) or next(iter(given), None) not in _KEY_TYPES:
            return None
        found.append(DynamoType(given))
    return found[0], found[1] if table.has_range_key else None


def items_of(table: Any) -> "Iterator[tuple[PrimaryKey, Any]]":
    """Yield all items of a table. The caller must hold the lock."""
    for partition_key, content in table.items.items():
        if table.has_range_key:
            for sort_key, item in content.items():
                yield (partition_key, sort_key), item
        else:
            yield (partition_key, None), content


def new_item(hash_key: Any, range_key: Any, attributes: dict[str, Any]) -> Any:
    """Return an item of values in moto's types."""
    item: Any = Item.__new__(Item)
    item.hash_key, item.range_key = hash_key, range_key
    # The constructor measures all attributes again for each attribute.
    item.attrs = LimitedSizeDict(attributes)
    return item


def put_item(original: Any, table: Any, item_attrs: Any, *others: Any, **more: Any) -> Any:
    """Record the written key."""
    try:
        return original(table, item_attrs, *others, **more)
    finally:
        note(table, primary_key(table, item_attrs))


def delete_item(original: Any, table: Any, hash_key: Any, range_key: Any) -> Any:
    """Record the written key."""
    try:
        return original(table, hash_key, range_key)
    finally:
        note(table, (hash_key, range_key))


def update_item(
    original: Any, backend: Any, table_name: str, key: Any, *others: Any, **more: Any
) -> Any:
    """Store a copy before moto updates it: moto modifies the stored item attribute by attribute."""
    table = backend.get_table(table_name)
    primary = primary_key(table, key)
    if primary and (item := stored(table.items, primary)):
        store(table, primary, _copied_item(item))
    return original(backend, table_name, key, *others, **more)


def store(table: Any, primary: PrimaryKey, item: Any | None) -> None:
    """Store an item under a key; None removes it."""
    partition_key, sort_key = primary
    items = table.items if sort_key is None else table.items[partition_key]
    last = partition_key if sort_key is None else sort_key
    if item is None:
        items.pop(last, None)
    else:
        items[last] = item
    note(table, primary)


def _copied_item(item: Any) -> Any:
    attributes = {name: _copied(value) for name, value in item.attrs.items()}
    return new_item(item.hash_key, item.range_key, attributes)


def _copied(value: Any) -> Any:
    if not isinstance(value, DynamoType):
        return copy.deepcopy(value)
    twin: Any = DynamoType.__new__(DynamoType)
    twin.type = value.type
    match value.value:
        case dict() as content:
            twin.value = {name: _copied(each) for name, each in content.items()}
        case list() as content:
            twin.value = [_copied(each) for each in content]
        case content:
            twin.value = content
    return twin
