"""Sorted indexes of a table's items, by the table's keys or a secondary index's."""

from base64 import b64decode
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

Key = tuple[Any, ...]
"""The values that sort an item, followed by its primary key, which makes it unique."""

PrimaryKey = tuple[Any, Any]
"""The values of a table's partition key and sort key (None without one), in moto's types."""


def comparable(value: Any) -> tuple[str, Any] | None:
    """Return a key attribute's type and a comparable value; None if it can't be a key.

    Numbers are exact and binary values are bytes; moto compares floats and base64.
    """
    match getattr(value, "type", None):
        case "S":
            return "S", value.value
        case "N":
            return _number(value.value)
        case "B":
            raw = value.value
            return "B", raw if isinstance(raw, bytes) else b64decode(raw)
    return None


def _number(written: str) -> tuple[str, Decimal] | None:
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return ("N", number) if number.is_finite() else None


def prefix(attributes: Iterable[str], values: Mapping[str, Any]) -> Key | None:
    """Return the comparable values of attributes; None if one is missing or can't be a key."""
    found = tuple(comparable(values.get(name)) for name in attributes)
    return None if None in found else found


@dataclass(slots=True)
class SortedIndex:
    """The sorted keys of all items that have the index's attributes."""

    attributes: Sequence[str]
    keys: list[Key] = field(default_factory=list)
    _by_item: dict[PrimaryKey, Key] = field(default_factory=dict)

    def fill(self, items: Mapping[PrimaryKey, Any]) -> None:
        """Add all items of a table."""
        for primary, item in items.items():
            if key := self._key(primary, item):
                self._by_item[primary] = key
        self.keys = sorted(self._by_item.values())

    def replace(self, primary: PrimaryKey, item: Any | None) -> None:
        """Set an item's current version; None removes it."""
        key = self._key(primary, item) if item is not None else None
        former = self._by_item.pop(primary, None)
        if former is not None:
            del self.keys[bisect_left(self.keys, former)]
        if key is not None:
            self._by_item[primary] = key
            insort(self.keys, key)

    def _key(self, primary: PrimaryKey, item: Any) -> Key | None:
        values = prefix(self.attributes, item.attrs)
        if values is None:
            return None
        return (*values, tuple((each.type, each.value) for each in primary if each), primary)

    def all(self) -> range:
        """Return the positions of all keys."""
        return range(len(self.keys))

    def between(self, lowest: Key, highest: Key, within: range | None = None) -> range:
        """Return the positions of keys between these values, including keys with these prefixes."""
        return range(
            self.first(lowest, within, after_equal=False),
            self.first(highest, within, after_equal=True),
        )

    def first(self, values: Key, within: range | None = None, *, after_equal: bool) -> int:
        """Return the position of the first key at or after these values.

        ``after_equal`` skips keys that begin with them.
        """
        positions = within if within is not None else self.all()
        find: Callable[..., int] = bisect_right if after_equal else bisect_left
        count = len(values)
        return find(self.keys, values, positions.start, positions.stop, key=lambda key: key[:count])

    def starting_with(self, values: Key, text: tuple[str, Any], within: range) -> range:
        """Return the positions whose value after ``values`` begins with this string or bytes."""
        start = self.first((*values, text), within, after_equal=False)
        depth = len(values)

        def is_past(key: Key) -> bool:
            kind, value = key[depth]
            return kind != text[0] or not value.startswith(text[1])

        stop = bisect_left(self.keys, True, start, within.stop, key=is_past)  # noqa: FBT003
        return range(start, stop)


@dataclass(slots=True)
class TableIndexes:
    """The sorted indexes of one table, updated with the written keys before each read.

    An index is created when it is first read. It is identified by its attributes, not by name, and
    stays valid when the table's definition changes.
    """

    read: Callable[[PrimaryKey], Any | None]
    """Returns the table's current item of a key."""
    items: dict[PrimaryKey, Any] = field(default_factory=dict)
    _written: set[PrimaryKey] = field(default_factory=set)
    _sizes: dict[PrimaryKey, int] = field(default_factory=dict)
    _indexes: dict[tuple[str, ...], SortedIndex] = field(default_factory=dict)

    def fill(self, items: Iterator[tuple[PrimaryKey, Any]]) -> None:
        """Set all items of the table."""
        self.items = dict(items)

    def note(self, primary: PrimaryKey) -> None:
        """Record a written key, which the next read updates."""
        self._written.add(primary)

    def sorted_by(self, attributes: Sequence[str]) -> SortedIndex:
        """Return the up-to-date index by these attributes."""
        self._update()
        index = self._indexes.get(tuple(attributes))
        if index is None:
            index = self._indexes[tuple(attributes)] = SortedIndex(attributes)
            index.fill(self.items)
        return index

    def size(self, primary: PrimaryKey) -> int:
        """Return an item's size in bytes, which is cached."""
        size = self._sizes.get(primary)
        if size is None:
            size = self._sizes[primary] = int(self.items[primary].size())
        return size

    def _update(self) -> None:
        for primary in self._written:
            item = self.read(primary)
            if item is None:
                self.items.pop(primary, None)
            else:
                self.items[primary] = item
            self._sizes.pop(primary, None)
            for index in self._indexes.values():
                index.replace(primary, item)
        self._written.clear()
