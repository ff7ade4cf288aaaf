"""The catalog: one entry in DynamoDB for each original, from its upload to its outcome.

docs/explanation/reliability.md has the states and their transitions; ``claims.py`` writes them.
"""

import heapq
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired, TypedDict, cast

from processor.catalog.attributes import (
    aliases,
    deserialize,
    serialize,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS = 4
"""Partitions of the index ``newest-first``. One would receive all writes of a busy day under a
single key; each further one costs a query in every listing."""

INDEX, STATUS_INDEX = "newest-first", "newest-of-status"
"""Indexes of keys alone: a write that changes no key of an index costs nothing in it."""

BATCH = 100
"""Entries that DynamoDB reads in one request, at most."""

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
    """When its rendering began, in milliseconds after that of the image."""
    etag: str
    """Changes with the bytes under the key."""


class Failure(TypedDict):
    """Why an image has no renditions: a stable code, and a sentence for people."""

    code: str
    message: str


class FailedRequest(TypedDict):
    """A request that failed; what was published before it stays."""

    code: str
    message: str
    time: str
    recipe: NotRequired[str]
    """The requested recipe, where it is known: a name, or a recipe as JSON."""
    retry: NotRequired[Failure]
    """The last attempt's error, where a redrive tries again."""
    execution: NotRequired[str]
    """The workflow's execution that processed it."""


class Deleted(TypedDict):
    """The original that was deleted last, for a restore."""

    version_id: str
    recipe: str
    """What it was rendered by: a name, or a recipe as JSON."""


class Point(TypedDict):
    """A point, as fractions of the upright original's width and height from its top left."""

    x: float
    y: float


class Review(TypedDict, total=False):
    """Why an image is held for review, and the decision."""

    reasons: list[dict[str, Any]]
    """Moderation labels: ``name``, and ``confidence`` in percent."""
    since: str
    until: str
    """When it is rejected without a decision; none until its execution waits."""
    decision: Literal["approve", "reject"]
    by: Literal["api", "timeout"]
    decided: str


class Entry(TypedDict, total=False):
    """A catalog entry. Fields about the image itself exist once it was read."""

    filename: str
    status: Status
    timestamp: str
    """When S3 stored the original."""
    shard: str
    """Partition of ``newest-first``; a deleted original has none and is not listed."""
    status_shard: str
    """Partition of ``newest-of-status``: status and shard."""
    size: int
    etag: str
    version_id: str
    """S3's ID of the original's version. Of a deleted original: of the delete marker, or of the
    version or marker that was removed last. None without versioning."""
    uploaded_version: str
    """The version whose upload is known: its event is not newer than the entry. ``version_id`` may
    be a newer one, which an attempt has found."""
    deleted: Deleted
    """Of a deleted original in a versioned bucket: what a restore needs."""
    original: Literal["deleted", "expired"]
    """The original was deleted after processing, or by a lifecycle rule: its renditions stay."""
    purged: bool
    """Its version was deleted for good: a removal of the key is somebody else's. Otherwise none."""
    sequencer: str
    """Sequencer of the newest known change of the key (``processor.change``)."""
    updated: str
    recipe: str
    """A recipe's name, or a recipe as JSON."""
    name: str
    """The name of the uploaded file, where the upload has told it."""
    correlation_id: str
    """ID in every log line about this upload (``processor.telemetry.correlation``)."""
    duplicate_of: str
    """Key of an earlier image with the same bytes, when this one was processed."""
    format: str
    width: int
    height: int
    frames: int
    warnings: list[str]
    """What is wrong with an original that is rendered all the same: ``truncated``."""
    gain_map: bool
    """Of an HDR image with a gain map; others have none."""
    analysis: dict[str, Any] | None
    """The engine's analysis (``processor.images.Analysis``), and Rekognition's labels and faces
    (``processor.moderation.labels``)."""
    label_names: list[str]
    """Rekognition's labels and their parents, in lower case, for searches."""
    renditions: list[RenditionEntry]
    """Stored renditions; those of the older original while a newer one is processed."""
    timings: dict[str, int]
    """Milliseconds of each stage (``processor.telemetry.timings``) of the attempt that committed,
    except the commit, and ``queue``, ``decode``, ``since_upload``."""
    error: Failure
    """Why the original has no renditions, with status ``failed``."""
    retry: Failure
    """Why the last attempt ended, where another may follow: automatically with the status
    ``processing``, by a redrive with ``failed``."""
    in_advance: Failure
    """The failure of a last attempt in progress, if that crashes (``processor.sqs.expiries``)."""
    failed_request: FailedRequest
    """The last request, if it failed. The rest of the entry describes what is published, whose
    ``renditions`` have an older ``sequencer`` then."""
    published: dict[str, Any]
    """While a request is processed: the fields of the outcome before it, except ``renditions``."""
    rendered_focal_point: Point
    """The focal point that the renditions follow; none where none was set."""
    review: Review
    execution: str
    """The workflow's execution that processed it last; none after standard processing."""
    review_token: str
    """Task token that ends the review. A secret: no response and no log line has it."""
    expires: int
    """When DynamoDB deletes the entry of a deleted original, in seconds since 1970."""

    owner: str
    """The attempt that wrote the entry last."""
    lease: float
    """When the claim of that attempt expires, in seconds since 1970; none if it has ended."""
    message: str
    """ID of the message that the attempt processes."""
    attempts: int
    """Attempts at this change without a result."""

    alt: str
    """Alternative text. Empty: the image is decorative."""
    title: str
    tags: list[str]
    """Tags as they were written."""
    focal_point: Point
    """The point that crops keep, where an editor has set one."""
    fields: dict[str, str]
    """Free fields by name."""
    edit: str
    """ID of the last edit: the ETag of the metadata."""
    edited: str
    """When the metadata was edited last."""


METADATA = ("alt", "title", "tags", "focal_point", "fields", "edit", "edited")
"""Fields that edits write (``processor.catalog.metadata``); claims leave them unchanged."""

WRITTEN = frozenset(Entry.__annotations__) - {"filename", *METADATA}
"""Fields that claims write."""


class Place(NamedTuple):
    """Position of an entry in the listing, newest first."""

    timestamp: str
    filename: str


class Catalog:
    """Reads the entries of one table."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self.dynamodb = dynamodb
        self.table = table

    def get(self, filename: str) -> Entry | None:
        """Return the entry of an original, read consistently; None if there is none."""
        response = self.dynamodb.get_item(
            TableName=self.table, Key=serialize({"filename": filename}), ConsistentRead=True
        )
        return entry_of(response["Item"]) if "Item" in response else None

    def newest_first(self, *, only: Sequence[str] = (), count: int = BATCH) -> Iterator[Entry]:
        """Yield all entries but those of deleted originals, the latest upload first.

        ``only`` projects these paths. ``count`` is about how many entries are needed.
        """
        for _, entry in self.read(self.places(page=share_of(count)), only=only):
            yield entry

    def places(
        self, after: Place | None = None, *, status: Status | None = None, page: int = BATCH
    ) -> Iterator[Place]:
        """Yield the places of entries, with ``status`` if given, the latest upload first.

        ``after`` starts behind that place. ``page`` is the number of places of each shard that one
        query reads. The indexes follow the table with a delay.
        """
        shards = (self._places_of(str(shard), after, status, page) for shard in range(SHARDS))
        # Of equal times the entry in the lower shard comes first; _places_of relies on it.
        return heapq.merge(*shards, key=lambda place: place.timestamp, reverse=True)

    def read(
        self, places: Iterable[Place], *, only: Sequence[str] = (), page: int = BATCH
    ) -> Iterator[tuple[Place, Entry]]:
        """Yield places with their entries, in the same order, without those that are gone.

        ``only`` projects these paths. ``page`` is the number of entries that are read together,
        at most 100.
        """
        more: dict[str, Any] = {}
        if only:
            names = dict.fromkeys(name for path in ("filename", *only) for name in path.split("."))
            more["ExpressionAttributeNames"] = aliases(*names)
            more["ProjectionExpression"] = ", ".join(
                ".".join(aliases(*path.split("."))) for path in dict.fromkeys(("filename", *only))
            )
        for batch in batched(places, min(page, BATCH), strict=False):
            found: dict[str, Entry] = {}
            asked: Any = {"Keys": [serialize({"filename": each.filename}) for each in batch]}
            # DynamoDB leaves keys out of large responses.
            while asked:
                response = self.dynamodb.batch_get_item(RequestItems={self.table: asked | more})
                entries = map(entry_of, response["Responses"].get(self.table, []))
                found |= {entry["filename"]: entry for entry in entries}
                asked = response.get("UnprocessedKeys", {}).get(self.table)
            for place in batch:
                if entry := found.get(place.filename):
                    yield place, entry

    def all(self) -> Iterator[Entry]:
        """Yield every entry in no order, read consistently; scans the whole table."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True
        )
        for page in pages:
            yield from map(entry_of, page["Items"])

    def _places_of(
        self, shard: str, after: Place | None, status: Status | None, page: int
    ) -> Iterator[Place]:
        name, value = ("status_shard", f"{status}/{shard}") if status else ("shard", shard)
        expression, values = f"#{name} = :shard", {":shard": value}
        names = [name]
        more: dict[str, Any] = {}
        if after:
            its_shard = shard_of(after.filename)
            if shard == its_shard:
                more["ExclusiveStartKey"] = serialize({**after._asdict(), name: value})
            else:
                # Entries with the same time are listed before the place in lower shards.
                expression += f" AND #timestamp {'<' if shard < its_shard else '<='} :time"
                values[":time"] = after.timestamp
                names.append("timestamp")
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            IndexName=STATUS_INDEX if status else INDEX,
            KeyConditionExpression=expression,
            ExpressionAttributeNames=aliases(*names),
            ExpressionAttributeValues=serialize(values),
            ScanIndexForward=False,
            PaginationConfig={"PageSize": page},
            **more,
        )
        for each in pages:
            for item in map(deserialize, each["Items"]):
                yield Place(item["timestamp"], item["filename"])


def shard_of(filename: str) -> str:
    """Return the index partition of an entry: evenly spread, and the same on every machine."""
    return str(zlib.crc32(filename.encode()) % SHARDS)


def share_of(count: int) -> int:
    """Return how many of the ``count`` newest entries a shard has, with a margin."""
    return math.ceil(count / SHARDS + 1.5 * math.sqrt(count * (SHARDS - 1)) / SHARDS)


def entry_of(item: object) -> Entry:
    """Return the entry in DynamoDB's item."""
    return cast("Entry", deserialize(item))
