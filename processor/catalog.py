"""The catalog: one entry in DynamoDB for each original, from its upload to its outcome."""

import heapq
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from processor.events import ObjectCreated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS = 4
"""Partitions of the index "newest first". One would take all writes of a busy day on a single
key; each more costs a query in every listing."""

INDEX = "newest-first"

Status = Literal["processing", "done", "failed"]


class RenditionEntry(TypedDict):
    """A stored rendition. Sizes in pixels and bytes."""

    name: str
    key: str
    width: int
    height: int
    bytes: int
    type: str
    ms: int


class Failure(TypedDict):
    """What went wrong: a stable code, and a sentence for people."""

    code: str
    message: str


class Entry(TypedDict, total=False):
    """A catalog entry. What is known of the picture itself is there once it was read."""

    filename: str
    status: Status
    timestamp: str
    shard: str
    size: int
    etag: str
    sequencer: str
    updated: str
    recipe: str
    format: str
    width: int
    height: int
    frames: int
    analysis: dict[str, Any] | None
    """What was found by looking at the picture (``processor.images.Analysis``)."""
    renditions: list[RenditionEntry]
    timings: dict[str, int]
    error: Failure
    """Why the original has no renditions; with status ``failed``."""
    retry: Failure
    """Why the last attempt ended and another is to come; with status ``processing``."""


class SupersededError(Exception):
    """The event is a duplicate, or a newer write of the same key was seen already."""


class Catalog:
    """Reads and writes entries of one table."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def claim(self, event: ObjectCreated) -> bool:
        """Start an entry for the object that was written, in place of that of an older write.

        Raises ``SupersededError`` where there is nothing to do. An entry that is still
        ``processing`` is taken over; answers whether an earlier attempt at the same write ended
        without a word, because the function died.
        """
        entry: Entry = {
            "filename": event.key,
            "status": "processing",
            "timestamp": event.time,
            "shard": shard_of(event.key),
            "size": event.size,
            "etag": event.etag,
            "sequencer": event.sequencer,
            "updated": _now(),
        }
        try:
            answer = self._dynamodb.put_item(
                TableName=self._table,
                ReturnValues="ALL_OLD",
                Item=_serialize(entry),
                ConditionExpression="attribute_not_exists(#filename) OR #sequencer < :sequencer "
                "OR (#sequencer = :sequencer AND #status = :processing)",
                ExpressionAttributeNames=_aliases("filename", "sequencer", "status"),
                ExpressionAttributeValues=_serialize(
                    {":sequencer": event.sequencer, ":processing": "processing"}
                ),
            )
        except ClientError as error:
            raise _superseded(error) from error
        before = _deserialize(answer.get("Attributes", {}))
        return before.get("sequencer") == event.sequencer and "retry" not in before

    def finish(self, event: ObjectCreated, **outcome: Any) -> None:  # noqa: ANN401
        """Add the outcome (fields of ``Entry``) to the claimed entry.

        Raises ``SupersededError`` where the claim is no longer ours.
        """
        outcome["updated"] = _now()
        values = {f":{name}": value for name, value in outcome.items()}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_serialize({"filename": event.key}),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in outcome),
                ConditionExpression="#sequencer = :sequencer",
                ExpressionAttributeNames=_aliases("sequencer", *outcome),
                ExpressionAttributeValues=_serialize({**values, ":sequencer": event.sequencer}),
            )
        except ClientError as error:
            raise _superseded(error) from error

    def get(self, filename: str) -> Entry | None:
        """The entry of an original, as it is now; None if there is none."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_serialize({"filename": filename}), ConsistentRead=True
        )
        return _deserialize(answer["Item"]) if "Item" in answer else None

    def newest_first(self) -> Iterator[Entry]:
        """All entries, the latest upload first; pages are read as they are needed."""
        shards = (self._newest_of(str(shard)) for shard in range(SHARDS))
        return heapq.merge(*shards, key=lambda entry: entry["timestamp"], reverse=True)

    def _newest_of(self, shard: str) -> Iterator[Entry]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="#shard = :shard",
            ExpressionAttributeNames=_aliases("shard"),
            ExpressionAttributeValues=_serialize({":shard": shard}),
            ScanIndexForward=False,
            PaginationConfig={"PageSize": 100},
        )
        for page in pages:
            yield from map(_deserialize, page["Items"])


def shard_of(filename: str) -> str:
    """The index partition of an entry: spread evenly, and the same on every machine."""
    return str(zlib.crc32(filename.encode()) % SHARDS)


def _superseded(error: ClientError) -> Exception:
    """What a failed write means: only a failed condition says that the event is out of date."""
    if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        return SupersededError()
    return error


def _aliases(*names: str) -> dict[str, str]:
    """Placeholders for attribute names: some of ours (``shard``, ``status``) are reserved words."""
    return {f"#{name}": name for name in names}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def _serialize(item: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: _serializer.serialize(_exact(value)) for name, value in item.items()}


def _deserialize(item: Any) -> Entry:  # noqa: ANN401
    return {  # type: ignore[return-value]
        name: _plain(_deserializer.deserialize(value)) for name, value in item.items()
    }


def _exact(value: Any) -> Any:  # noqa: ANN401
    """DynamoDB's numbers are decimal."""
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(_exact, value))
    return Decimal(str(value)) if isinstance(value, float) else value


def _plain(value: Any) -> Any:  # noqa: ANN401
    """What ``_exact`` made of a number, as it was."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
