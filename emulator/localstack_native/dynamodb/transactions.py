"""Transactions with a savepoint of the named items; moto copies whole tables."""

import copy
from typing import TYPE_CHECKING, Any

from moto.dynamodb.exceptions import ResourceNotFoundException

from localstack_native.dynamodb.storage import LOCK, primary_key, store, stored

if TYPE_CHECKING:
    from localstack_native.dynamodb.sorted_index import PrimaryKey


class Savepoint:
    """The items that a transaction may write, before it does; stored items are never modified."""

    def __init__(self, backend: Any, transact_items: list[dict[str, Any]]) -> None:
        self._items: list[tuple[Any, PrimaryKey, Any | None]] = []
        self._streams: dict[Any, int] = {}
        for operation in (each for item in transact_items for each in item.values()):
            try:
                table = backend.get_table(operation.get("TableName"))
            except ResourceNotFoundException:
                continue
            primary = primary_key(table, operation.get("Key") or operation.get("Item") or {})
            if primary:
                self._items.append((table, primary, stored(table.items, primary)))
            if table.stream_shard is not None:
                self._streams.setdefault(table.stream_shard, table.stream_shard.next)

    def restore(self) -> None:
        """Restore the items and streams."""
        for table, primary, item in self._items:
            store(table, primary, item)
        for shard, number in self._streams.items():
            shard.withdraw(number)


class _Running:
    """Whether a transaction runs, which holds the lock."""

    is_running = False


def transact_write_items(original: Any, backend: Any, transact_items: Any) -> None:
    """Write all items or none, at a cost that is independent of the tables' sizes."""
    with LOCK:
        savepoint = Savepoint(backend, transact_items)
        _Running.is_running = True
        try:
            original(backend, transact_items)
        except BaseException:
            savepoint.restore()
            raise
        finally:
            _Running.is_running = False


def deepcopy_table(table: Any, memo: dict[int, Any]) -> Any:
    """Return a copy of a table; during a transaction, which has a savepoint, the table itself."""
    if _Running.is_running:
        return table
    twin = memo[id(table)] = object.__new__(type(table))
    for name, value in vars(table).items():
        setattr(twin, name, copy.deepcopy(value, memo))
    return twin
