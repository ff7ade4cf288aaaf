"""Search: entries with a status or a label, filtered by DynamoDB.

DynamoDB reads the entries that it filters, which costs read units. An index would cost more: three
writes for each image against a few searches by people. One call reads a bounded number of entries.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from processor.catalog.attributes import deserialize
from processor.catalog.entries import (
    SHARDS,
    Catalog,
    Entry,
    Place,
    Status,
    entry_of,
)


class Found(NamedTuple):
    """A matching entry and its place; without an entry, how far a shard was read."""

    place: Place
    entry: Entry | None


@dataclass(slots=True)
class Search:
    """Matching entries, the latest upload first, starting behind a place."""

    catalog: Catalog
    after: Place | None
    status: Status | None
    label: str | None
    page: int
    """Entries of each shard that one query reads."""
    looked_at: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Found]:
        shards = (self._of(str(shard)) for shard in range(SHARDS))
        # Of equal times what is in the lower shard comes first, as in Catalog.newest_first.
        return heapq.merge(*shards, key=lambda found: found.place.timestamp, reverse=True)

    def _of(self, shard: str) -> Iterator[Found]:
        conditions: list[str] = []
        values: dict[str, str] = {}
        if self.status:
            conditions.append("#status = :status")
            values[":status"] = self.status
        if self.label:
            conditions.append("contains(#label_names, :label)")
            values[":label"] = self.label
        pages = self.catalog.pages(
            shard, self.after, self.page, where=" AND ".join(conditions), values=values
        )
        for each in pages:
            self.looked_at += each["ScannedCount"]
            for entry in map(entry_of, each["Items"]):
                yield Found(Place(entry["timestamp"], entry["filename"]), entry)
            if "LastEvaluatedKey" in each:
                last = deserialize(each["LastEvaluatedKey"])
                yield Found(Place(last["timestamp"], last["filename"]), None)
