"""Query and Scan by sorted indexes; each reads only the items of its page.

They replace moto's table methods, below its parsing and validation of requests. moto serves legacy
requests (``QueryFilter``, ``ScanFilter``) and raises errors.
"""

from typing import TYPE_CHECKING, Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import RESULT_SIZE_LIMIT, GlobalSecondaryIndex

from localstack_native.dynamodb.conditions import OPERATORS, matching
from localstack_native.dynamodb.sorted_index import (
    PrimaryKey,
    SortedIndex,
    TableIndexes,
    comparable,
    prefix,
)
from localstack_native.dynamodb.storage import LOCK, indexes_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def query(
    original: Any,
    table: Any,
    hash_key: Any,
    range_comparison: str | None,
    range_objs: list[Any],
    limit: int | None,
    exclusive_start_key: dict[str, Any] | None,
    scan_index_forward: bool,  # noqa: FBT001
    projection_expressions: list[list[str]] | None,
    index_name: str | None = None,
    consistent_read: bool = False,  # noqa: FBT001, FBT002
    filter_expression: Any = None,
    **filters: Any,
) -> Any:
    """Return a page of the items with a partition key, and its last key."""
    _check_limit(limit)
    index = _index(table, index_name)
    partition_key = comparable(hash_key)
    sort_attribute = _sort_attribute(table, index)
    is_supported = (
        _is_readable(index, index_name, consistent_read)
        and partition_key is not None
        and not filters
        and (not range_comparison or (range_comparison in OPERATORS and sort_attribute))
    )
    if not is_supported:
        with LOCK:
            return original(
                table, hash_key, range_comparison, range_objs, limit, exclusive_start_key,
                scan_index_forward, projection_expressions, index_name, consistent_read,
                filter_expression, **filters,
            )  # fmt: skip
    with LOCK:
        indexes = indexes_of(table)
        order = indexes.sorted_by(_query_order(table, index))
        partition = (partition_key,)
        if range_comparison:
            expected = _types(table).get(str(sort_attribute))
            positions = matching(order, partition, range_comparison, range_objs, expected)
        else:
            positions = order.between(partition, partition)
        start = _start(table, index, order, exclusive_start_key)
        page = _Page(indexes, order, limit)
        page.walk(positions, start, forward=scan_index_forward)
    return page.result(table, index, filter_expression, projection_expressions)


def scan(
    original: Any,
    table: Any,
    filters: dict[str, Any],
    limit: int | None,
    exclusive_start_key: dict[str, Any] | None,
    filter_expression: Any = None,
    index_name: str | None = None,
    consistent_read: bool = False,  # noqa: FBT001, FBT002
    projection_expression: list[list[str]] | None = None,
    segments: Any = (None, None),
) -> Any:
    """Return a page of all items, and its last key."""
    _check_limit(limit)
    index = _index(table, index_name)
    if filters or not _is_readable(index, index_name, consistent_read):
        with LOCK:
            return original(
                table, filters, limit, exclusive_start_key, filter_expression, index_name,
                consistent_read, projection_expression, segments,
            )  # fmt: skip
    with LOCK:
        indexes = indexes_of(table)
        order = indexes.sorted_by(_scan_order(table, index))
        start = _start(table, index, order, exclusive_start_key)
        page = _Page(indexes, order, limit, segments)
        page.walk(order.all(), start, forward=True)
    return page.result(table, index, filter_expression, projection_expression)


class _Page:
    """A page of items, up to ``Limit`` or DynamoDB's limit of bytes."""

    def __init__(
        self,
        indexes: TableIndexes,
        order: SortedIndex,
        limit: int | None,
        segments: Any = (None, None),
    ) -> None:
        self._indexes = indexes
        self._order = order
        self._limit = limit
        self._segments = segments
        self._items: list[Any] = []
        self._is_cut = False

    def walk(self, positions: range, start: Any | None, *, forward: bool) -> None:
        """Collect items at these positions, after the start key."""
        if start is not None and forward:
            first = self._order.first(start, after_equal=True)
            positions = range(max(positions.start, first), positions.stop)
        elif start is not None:
            last = self._order.first(start, after_equal=False)
            positions = range(positions.start, min(positions.stop, last))
        bytes_left = RESULT_SIZE_LIMIT
        for position in positions if forward else reversed(positions):
            primary: PrimaryKey = self._order.keys[position][-1]
            item = self._indexes.items[primary]
            if not item.is_within_segment(self._segments):
                continue
            bytes_left -= self._indexes.size(primary)
            if bytes_left < 0 and self._items:
                self._is_cut = True
                break
            self._items.append(item)
            if len(self._items) == self._limit:
                # As on AWS, even if no further item follows.
                self._is_cut = True
                break

    def result(self, table: Any, index: Any, condition: Any, projection: Any) -> Any:
        """Return the filtered items, the number of scanned items, and the last key."""
        scanned = len(self._items)
        last = None
        if self._is_cut:
            last = table._get_last_evaluated_key(  # noqa: SLF001
                self._items[-1], index and index.name
            )
        items: Iterable[Any] = self._items
        if index:
            items = map(index.project, items)
        if condition is not None:
            items = filter(condition.expr, items)
        if projection:
            items = (item.project(projection) for item in items)
        return list(items), scanned, last


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise MockValidationException(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1"
        )


def _index(table: Any, name: str | None) -> Any | None:
    """Return the index of a name; None without a name or for an unknown one."""
    return next((each for each in table.all_indexes() if each.name == name), None)


def _is_readable(index: Any | None, name: str | None, is_consistent: bool) -> bool:  # noqa: FBT001
    """Return whether the read is valid; moto raises the error of an invalid one."""
    if index is None:
        return not name
    has_partition_key = _attribute(index.schema, "HASH") is not None
    return has_partition_key and not (is_consistent and isinstance(index, GlobalSecondaryIndex))


def _attribute(schema: Any, kind: str) -> str | None:
    return next((each["AttributeName"] for each in schema if each["KeyType"] == kind), None)


def _sort_attribute(table: Any, index: Any | None) -> str | None:
    return _attribute(index.schema if index else table.schema, "RANGE")


def _query_order(table: Any, index: Any | None) -> list[str]:
    """Return the attributes that sort a query of the table or of an index.

    An index without a sort key is sorted by the table's keys.
    """
    if index is None:
        return list(table.table_key_attrs)
    sort_attribute = _sort_attribute(table, index) or table.range_key_attr or table.hash_key_attr
    return [_attribute(index.schema, "HASH"), sort_attribute, *table.table_key_attrs]


def _scan_order(table: Any, index: Any | None) -> list[str]:
    of_index = [each["AttributeName"] for each in index.schema] if index else []
    return [*of_index, *table.table_key_attrs]


def _start(
    table: Any, index: Any | None, order: SortedIndex, given: dict[str, Any] | None
) -> Any | None:
    """Return the sort values of ``ExclusiveStartKey``. Raises AWS's error for an invalid key."""
    if given is None:
        return None
    types = _types(table)
    is_right = given.keys() == {*_scan_order(table, index)} and all(
        list(value) == [types.get(name, *value)] for name, value in given.items()
    )
    values = {name: DynamoType(value) for name, value in given.items()} if is_right else {}
    start = prefix(order.attributes, values)
    if start is None:
        raise MockValidationException("The provided starting key is invalid")
    return start


def _types(table: Any) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in table.attr}
