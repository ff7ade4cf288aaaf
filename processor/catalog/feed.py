"""The change feed: a numbered record of each visible change of an entry, in the index's table.

The numbers have no gaps: a transaction writes records and the newest number. A reader may see a
part of a transaction, so it stops at a gap, which closes within milliseconds. What it has read is
therefore complete, and no record with a lower number follows.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from processor.catalog.attributes import aliases, deserialize, serialize
from processor.catalog.entries import Entry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TERM = "feed"
"""Partition of the records; their sort key is the number."""

NEWEST = {"term": "feed#newest", "place": "-"}
"""Key of the item with the newest number."""

DIGITS = 16
"""Digits of a number as a sort key."""

WRITES = 99
"""Records in a transaction: DynamoDB writes 100 items, the newest number among them."""

RETENTION_SECONDS = 7 * 24 * 3600
"""How long records are kept, at least."""

ATTEMPTS = 20
"""Attempts at a transaction, when functions for several shards of the stream write."""

PAUSE_SECONDS = 0.02

INVISIBLE = {
    "attempts",
    "lease",
    "message",
    "owner",
    "published",
    "review_token",
    "shard",
    "status_shard",
    "updated",
}
"""Fields that no reader sees: a write that changes no other is not recorded."""


class Position(NamedTuple):
    """Where a reader is: the number of its last record, and when that was the newest."""

    number: int
    seconds: int
    """In seconds since 1970."""


class FeedRecord(NamedTuple):
    """A change of an image."""

    number: int
    key: str
    status: str
    """The entry's status after the change."""
    version: str
    time: str
    """When the entry was written."""
    seconds: int
    """When the record was written, in seconds since 1970."""


class ExpiredPositionError(Exception):
    """Records after a position were deleted: they are too old."""


def visible_changes(
    changes: Iterable[tuple[Entry | None, Entry | None]],
) -> list[tuple[str, Entry, bool]]:
    """Return the last visible change of each key in order: key, entry, and whether it is gone."""
    found: dict[str, tuple[str, Entry, bool]] = {}
    for old, new in changes:
        if _visible(old) == _visible(new):
            continue
        entry = new or old
        if entry is None or (new is None and entry["status"] == "deleted"):
            continue
        found.pop(entry["filename"], None)
        found[entry["filename"]] = (entry["filename"], entry, new is None)
    return list(found.values())


class Feed:
    """Reads and writes the records of one index's table."""

    def __init__(
        self, dynamodb: "DynamoDBClient", table: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.dynamodb = dynamodb
        self.table = table
        self.clock = clock

    def record(self, changes: Iterable[tuple[Entry | None, Entry | None]]) -> None:
        """Record the visible changes of a batch, the last one of each key.

        A batch that is received again is recorded again, behind what was recorded meanwhile: a
        reader looks at an image's entry, and is not misled by an older record.
        """
        for batch in batched(visible_changes(changes), WRITES, strict=False):
            self._append(batch)

    def newest(self) -> Position:
        """Return the position after the newest record."""
        seconds = int(self.clock())
        item = self.dynamodb.get_item(
            TableName=self.table, Key=serialize(NEWEST), ConsistentRead=True
        ).get("Item")
        return Position(deserialize(item)["number"] if item else 0, seconds)

    def after(self, position: Position, count: int) -> list[FeedRecord]:
        """Return up to ``count`` records after a position, in order.

        Raises ``ExpiredPositionError``.
        """
        newest = self.newest().number
        if newest < position.number:
            # The table was restored, or is another one.
            raise ExpiredPositionError
        if newest == position.number:
            return []
        response = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="#term = :term AND #place > :place",
            ExpressionAttributeNames=aliases("term", "place"),
            ExpressionAttributeValues=serialize({":term": TERM, ":place": _place(position.number)}),
            ConsistentRead=True,
            Limit=count,
        )
        found: list[FeedRecord] = []
        for item in map(deserialize, response["Items"]):
            if int(item["place"]) != position.number + len(found) + 1:
                break
            fields = [item[name] for name in FeedRecord._fields[1:]]
            found.append(FeedRecord(int(item["place"]), *fields))
        if not found and position.seconds < self.clock() - RETENTION_SECONDS:
            raise ExpiredPositionError
        return found

    def _append(self, changes: Sequence[tuple[str, Entry, bool]]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            number, seconds = self.newest()
            items = [
                {
                    "term": TERM,
                    "place": _place(number + offset),
                    "key": key,
                    "status": "deleted" if is_gone else entry["status"],
                    "version": entry["sequencer"],
                    "time": entry["updated"],
                    "seconds": seconds,
                    "expires": seconds + RETENTION_SECONDS + 24 * 3600,
                }
                for offset, (key, entry, is_gone) in enumerate(changes, 1)
            ]
            try:
                self._transact(number, items)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code != "TransactionCanceledException" or attempt == ATTEMPTS:
                    raise
                time.sleep(PAUSE_SECONDS * attempt)
            else:
                return

    def _transact(self, number: int, items: Sequence[dict[str, Any]]) -> None:
        """Write records after ``number``, if that is still the newest."""
        newest: Any = {
            "Update": {
                "TableName": self.table,
                "Key": serialize(NEWEST),
                "UpdateExpression": "SET #number = :next",
                "ConditionExpression": "#number = :number"
                if number
                else "attribute_not_exists(#number)",
                "ExpressionAttributeNames": aliases("number"),
                "ExpressionAttributeValues": serialize(
                    {":next": number + len(items), **({":number": number} if number else {})}
                ),
            }
        }
        puts: list[Any] = [
            {"Put": {"TableName": self.table, "Item": serialize(each)}} for each in items
        ]
        self.dynamodb.transact_write_items(TransactItems=[newest, *puts])


def _visible(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {name: each for name, each in entry.items() if name not in INVISIBLE}


def _place(number: int) -> str:
    return f"{number:0{DIGITS}d}"
