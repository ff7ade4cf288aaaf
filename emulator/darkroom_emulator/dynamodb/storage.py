"""moto's DynamoDB tables with atomic writes: a stored item is replaced, never changed in place.

A reader collects items under the lock, then filters, projects and serializes them without it.
What is written is noted for the table's sorted indexes. Both are set up by importing this module.
"""

import copy
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from localstack.utils.patch import patch
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

from darkroom_emulator.dynamodb.sorted_index import PrimaryKey, TableIndexes

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = RLock()
"""Held by every write, and by reads while they collect items."""

_indexes: "WeakKeyDictionary[Any, TableIndexes]" = WeakKeyDictionary()
"""Of tables that were read; a table that is restored is another object, and begins without."""

_KEY_TYPES = ("S", "N", "B")


def indexes_of(table: Any) -> TableIndexes:
    """Return a table's sorted indexes. The caller holds the lock."""
    found = _indexes.get(table)
    if found is None:
        items = table.items

        def read(primary: PrimaryKey) -> Any | None:
            return stored(items, primary)

        found = _indexes[table] = TableIndexes(read)
        found.fill(items_of(table))
    return found


def stored(items: Any, primary: PrimaryKey) -> Any | None:
    """Return the item under a key in a table's ``items``."""
    partition_key, sort_key = primary
    if sort_key is None:
        return items.get(partition_key)
    return items.get(partition_key, {}).get(sort_key)


def note(table: Any, primary: PrimaryKey | None) -> None:
    """Say that what a table holds under a key has been written."""
    if primary is not None and (indexes := _indexes.get(table)):
        indexes.note(primary)


def primary_key(table: Any, attributes: Any) -> PrimaryKey | None:
    """Return the key in an item or a ``Key`` of a request; None if it is no valid one."""
    found = []
    for name in table.table_key_attrs:
        given = attributes.get(name)
        if not isinstance(given, dict) or next(iter(given), None) not in _KEY_TYPES:
            return None
        found.append(DynamoType(given))
    return found[0], found[1] if table.has_range_key else None


def items_of(table: Any) -> "Iterator[tuple[PrimaryKey, Any]]":
    """Yield all items of a table. The caller holds the lock."""
    for partition_key, content in table.items.items():
        if table.has_range_key:
            for sort_key, item in content.items():
                yield (partition_key, sort_key), item
        else:
            yield (partition_key, None), content


def made(hash_key: Any, range_key: Any, attributes: dict[str, Any]) -> Any:
    """Return an item of values that are DynamoDB's already."""
    item: Any = Item.__new__(Item)
    item.hash_key, item.range_key = hash_key, range_key
    # The constructor measures all attributes again with each that is added.
    item.attrs = LimitedSizeDict(attributes)
    return item


@patch(Table.put_item)
def put_item(original: Any, table: Any, item_attrs: Any, *others: Any, **more: Any) -> Any:
    """Note the item."""
    try:
        return original(table, item_attrs, *others, **more)
    finally:
        note(table, primary_key(table, item_attrs))


@patch(Table.delete_item)
def delete_item(original: Any, table: Any, hash_key: Any, range_key: Any) -> Any:
    """Note the item."""
    try:
        return original(table, hash_key, range_key)
    finally:
        note(table, (hash_key, range_key))


@patch(DynamoDBBackend.update_item)
def update_item(
    original: Any, backend: Any, table_name: str, key: Any, *others: Any, **more: Any
) -> Any:
    """Let moto change a copy: it writes attribute by attribute into the item that is stored."""
    table = backend.get_table(table_name)
    primary = primary_key(table, key)
    if primary and (item := stored(table.items, primary)):
        store(table, primary, _copied_item(item))
    return original(backend, table_name, key, *others, **more)


def store(table: Any, primary: PrimaryKey, item: Any | None) -> None:
    """Put an item under a key, or nothing."""
    partition_key, sort_key = primary
    place = table.items if sort_key is None else table.items[partition_key]
    last = partition_key if sort_key is None else sort_key
    if item is None:
        place.pop(last, None)
    else:
        place[last] = item
    note(table, primary)


def _copied_item(item: Any) -> Any:
    attributes = {name: _copied(value) for name, value in item.attrs.items()}
    return made(item.hash_key, item.range_key, attributes)


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
