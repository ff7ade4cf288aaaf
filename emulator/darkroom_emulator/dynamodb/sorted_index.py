"""Sorted indexes of a table's items: a table's own order, and that of each secondary index."""

from base64 import b64decode
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

Key = tuple[Any, ...]
"""The values an item is sorted by, and last its primary key, so that no two are equal."""

PrimaryKey = tuple[Any, Any]
"""The values of a table's partition key and sort key (None without one), as moto holds them."""


def comparable(value: Any) -> tuple[str, Any] | None:
    """Return a key attribute's type and its value in DynamoDB's order; None if it can't be a key.

    Numbers are exact and binary values are bytes: moto compares floats and base64.
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
    """Return the values of these attributes; None if one is missing or can't be a key."""
    found = tuple(comparable(values.get(name)) for name in attributes)
    return None if None in found else found


@dataclass(slots=True)
class SortedIndex:
    """The keys of all items that have these attributes, in their order."""

    attributes: Sequence[str]
    keys: list[Key] = field(default_factory=list)
    _by_item: dict[PrimaryKey, Key] = field(default_factory=dict)

    def fill(self, items: Mapping[PrimaryKey, Any]) -> None:
        """Take all items of a table."""
        for primary, item in items.items():
            if key := self._key(primary, item):
                self._by_item[primary] = key
        self.keys = sorted(self._by_item.values())

    def replace(self, primary: PrimaryKey, item: Any | None) -> None:
        """Take an item's present version; None if it is gone."""
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
        """Return the positions of keys that begin with these values or lie between them."""
        return range(
            self.first(lowest, within, after_equal=False),
            self.first(highest, within, after_equal=True),
        )

    def first(self, values: Key, within: range | None = None, *, after_equal: bool) -> int:
        """Return the position of the first key at or after these values.

        ``after_equal`` skips those that begin with them.
        """
        places = within if within is not None else self.all()
        find: Callable[..., int] = bisect_right if after_equal else bisect_left
        count = len(values)
        return find(self.keys, values, places.start, places.stop, key=lambda key: key[:count])

    def starting_with(self, values: Key, text: tuple[str, Any], within: range) -> range:
        """Return the positions whose value after ``values`` begins with this string or bytes."""
        start = self.first((*values, text), within, after_equal=False)
        place = len(values)

        def is_past(key: Key) -> bool:
            kind, value = key[place]
            return kind != text[0] or not value.startswith(text[1])

        stop = bisect_left(self.keys, True, start, within.stop, key=is_past)  # noqa: FBT003
        return range(start, stop)


@dataclass(slots=True)
class TableIndexes:
    """The sorted indexes of one table, brought up to date by the keys that were written.

    An index is made when it is first read. It goes by attributes, not by an index's name: what
    becomes of a table's definition does not concern it.
    """

    read: Callable[[PrimaryKey], Any | None]
    """Returns the item that the table holds now."""
    items: dict[PrimaryKey, Any] = field(default_factory=dict)
    _written: set[PrimaryKey] = field(default_factory=set)
    _sizes: dict[PrimaryKey, int] = field(default_factory=dict)
    _indexes: dict[tuple[str, ...], SortedIndex] = field(default_factory=dict)

    def fill(self, items: Iterator[tuple[PrimaryKey, Any]]) -> None:
        """Take all items of the table."""
        self.items = dict(items)

    def note(self, primary: PrimaryKey) -> None:
        """Look at this key again before the next read."""
        self._written.add(primary)

    def sorted_by(self, attributes: Sequence[str]) -> SortedIndex:
        """Return the index by these attributes, as the table is now."""
        self._update()
        index = self._indexes.get(tuple(attributes))
        if index is None:
            index = self._indexes[tuple(attributes)] = SortedIndex(attributes)
            index.fill(self.items)
        return index

    def size(self, primary: PrimaryKey) -> int:
        """Return an item's bytes, counted once."""
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
