"""The catalog: one entry in DynamoDB for each original, from its upload to its outcome.

What the states mean, and who may change them, is in docs/reliability.md; ``claims.py`` does it.
"""

import heapq
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired, TypedDict, cast

from processor.catalog.attributes import (
    aliases,
    deserialize,
    serialize,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

SHARDS = 4
"""Partitions of the index "newest first". One would take all writes of a busy day on a single
key; each more costs a query in every listing."""

INDEX = "newest-first"

Status = Literal["processing", "review", "done", "rejected", "failed", "deleted"]


class RenditionEntry(TypedDict):
    """A stored rendition. Sizes in pixels and bytes."""

    name: str
    key: str
    width: int
    height: int
    bytes: int
    type: str
    ms: int
    at: NotRequired[int]
    """Milliseconds after the rendering began at which this one was."""
    etag: str
    """Other bytes under the same key have another one."""


class Failure(TypedDict):
    """What went wrong: a stable code, and a sentence for people."""

    code: str
    message: str


class FailedRequest(TypedDict):
    """A request that could not be fulfilled; what was published before it stays."""

    code: str
    message: str
    time: str
    recipe: NotRequired[str]
    """The recipe that was asked for, where that is known: its name, or one itself, as JSON."""
    retry: NotRequired[Failure]
    """The last attempt's error, where a redrive tries again."""
    execution: NotRequired[str]
    """The workflow's execution that worked on it."""


class Review(TypedDict, total=False):
    """Why a picture is held back, and what was decided."""

    reasons: list[dict[str, Any]]
    """What was found: ``name``, and ``confidence`` in percent."""
    since: str
    decision: Literal["approve", "reject"]
    by: Literal["api", "timeout"]
    decided: str


class Entry(TypedDict, total=False):
    """A catalog entry. What is known of the picture itself is there once it was read."""

    filename: str
    status: Status
    timestamp: str
    """When S3 took the original."""
    shard: str
    """Partition of the index; a deleted original has none, and is in no listing."""
    size: int
    etag: str
    sequencer: str
    """Of the newest change that is known of the key (``events.Change``)."""
    updated: str
    recipe: str
    """Its name, or the recipe itself, as JSON."""
    correlation_id: str
    """What every line of the log about this upload has (``processor.telemetry.correlation``)."""
    format: str
    width: int
    height: int
    frames: int
    analysis: dict[str, Any] | None
    """What was found by looking at the picture (``processor.images.Analysis``)."""
    label_names: list[str]
    """What Rekognition found, and what that is a kind of, in small letters."""
    renditions: list[RenditionEntry]
    """What is stored; while a newer original is processed, what the older one left."""
    timings: dict[str, int]
    """Milliseconds of each stage of the attempt that made the outcome (``stopwatch.STAGES``), and
    ``queue``, ``decode``, ``since_upload``. Its own end, the commit, an entry can't tell."""
    error: Failure
    """Why the original has no renditions; with status ``failed``."""
    retry: Failure
    """Why the last attempt ended, where another may follow: it comes by itself with status
    ``processing``, and by a redrive with ``failed``."""
    failed_request: FailedRequest
    """The last request for this image, if it failed. The rest of the entry is about what is
    published, and so are ``renditions``; they were made for an older ``sequencer`` then."""
    published: dict[str, Any]
    """While a request is processed: the fields of the outcome before it, beside ``renditions``."""
    review: Review
    execution: str
    """The workflow's execution that worked on it last; none where the queue's way was taken."""
    review_token: str
    """Lets the workflow go on that waits for a review. A secret: in no answer, and in no log."""
    expires: int
    """When DynamoDB removes the entry of a deleted original, in seconds since 1970."""

    owner: str
    """The attempt that made the entry what it is."""
    lease: float
    """Until when that attempt may be at work, in seconds since 1970; none if it has ended."""
    message: str
    """Id of the message by whose delivery it works."""
    attempts: int
    """Attempts at this change that have not said how they ended."""


class Place(NamedTuple):
    """Where an entry stands, or stood, in the listing "newest first"."""

    timestamp: str
    filename: str


class Catalog:
    """Reads entries of one table."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self.dynamodb = dynamodb
        self.table = table

    def get(self, filename: str) -> Entry | None:
        """The entry of an original, as it is now; None if there is none."""
        answer = self.dynamodb.get_item(
            TableName=self.table, Key=serialize({"filename": filename}), ConsistentRead=True
        )
        return entry_of(answer["Item"]) if "Item" in answer else None

    def newest_first(
        self, after: Place | None = None, *, only: Sequence[str] = (), page: int = 100
    ) -> Iterator[Entry]:
        """All entries but those of deleted originals, the latest upload first.

        ``after`` begins behind that place. ``only`` leaves out all fields but these paths. ``page``
        entries of each shard are read at a time, as they are needed.
        """
        shards = (self._newest_of(str(shard), after, only, page) for shard in range(SHARDS))
        # Of equal times the entry in the lower shard comes first: _newest_of counts on it.
        return heapq.merge(*shards, key=lambda entry: entry["timestamp"], reverse=True)

    def all(self) -> Iterator[Entry]:
        """Every entry, in no order, as they are now; reads the whole table."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True
        )
        for page in pages:
            yield from map(entry_of, page["Items"])

    def _newest_of(
        self, shard: str, after: Place | None, only: Sequence[str], page: int
    ) -> Iterator[Entry]:
        for each in self.pages(shard, after, page, only=only):
            yield from map(entry_of, each["Items"])

    def pages(
        self,
        shard: str,
        after: Place | None,
        page: int,
        *,
        only: Sequence[str] = (),
        where: str = "",
        values: Mapping[str, str] | None = None,
    ) -> "Iterator[QueryOutputTypeDef]":
        """The responses of a query of one shard, the latest upload first.

        ``where`` is a filter expression, whose attribute names are written as ``#name``.
        """
        expression, values = "#shard = :shard", {":shard": shard, **(values or {})}
        more: dict[str, Any] = {}
        if after:
            place = {"filename": after.filename, "shard": shard, "timestamp": after.timestamp}
            its_shard = shard_of(after.filename)
            if shard == its_shard:
                more["ExclusiveStartKey"] = serialize(place)
            else:
                # What has the same time was listed before the place, or comes after it.
                expression += f" AND #timestamp {'<' if shard < its_shard else '<='} :time"
                values[":time"] = after.timestamp
        if only:
            more["ProjectionExpression"] = ", ".join(
                ".".join(aliases(*path.split("."))) for path in only
            )
        if where:
            more["FilterExpression"] = where
        used = " ".join([expression, where, more.get("ProjectionExpression", "")])
        names = dict.fromkeys(re.findall(r"#(\w+)", used))
        yield from self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            IndexName=INDEX,
            KeyConditionExpression=expression,
            ExpressionAttributeNames=aliases(*names),
            ExpressionAttributeValues=serialize(values),
            ScanIndexForward=False,
            PaginationConfig={"PageSize": page},
            **more,
        )


def shard_of(filename: str) -> str:
    """The index partition of an entry: spread evenly, and the same on every machine."""
    return str(zlib.crc32(filename.encode()) % SHARDS)


def share_of(count: int) -> int:
    """How many entries of each shard are among the ``count`` newest, in most cases at most."""
    return math.ceil(count / SHARDS + 1.5 * math.sqrt(count * (SHARDS - 1)) / SHARDS)


def entry_of(item: object) -> Entry:
    """The entry that DynamoDB returned."""
    return cast("Entry", deserialize(item))
