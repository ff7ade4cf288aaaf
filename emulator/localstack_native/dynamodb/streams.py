"""Records of DynamoDB Streams: one shard for each stream, which replaces moto's.

A stream keeps its newest records, and those that a mapping has not handled yet, for up to 24 hours.
"""

import json
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from localstack_native.dynamodb.storage import LOCK

FIRST = 10**20
"""The first sequence number. All numbers have 21 digits, so that their text sorts as they do."""

KEPT = 1000
"""Records that are kept although every mapping has handled them: they are part of each snapshot."""

RETENTION_SECONDS = 24 * 3600
TRIMMING = 100
"""Records between two removals of old ones."""

CHANGED = threading.Condition()
"""Notified at each new record of any stream."""


def timestamp() -> str:
    """Return the label of a stream that is enabled now."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A change of an item, with its images as JSON."""

    id: str
    name: str
    time: float
    """Seconds since 1970."""
    keys: dict[str, Any]
    old: bytes
    """JSON of the attributes before the change; empty if there was no item."""
    new: bytes
    is_expiry: bool = False
    """Whether time to live has deleted the item."""


@dataclass(eq=False)
class Shard:
    """The records of a table's stream, by sequence number; it replaces moto's ``StreamShard``."""

    account_id: str
    table: Any
    label: str = field(default_factory=timestamp)
    created: float = field(default_factory=time.time)
    first: int = FIRST
    """The sequence number of the oldest record that is kept."""
    items: list[StreamRecord] = field(default_factory=list)
    checkpoints: dict[str, int] = field(default_factory=dict)
    """The sequence number that each event source mapping handles next, by UUID."""

    @property
    def next(self) -> int:
        """The sequence number of the next record."""
        return self.first + len(self.items)

    @property
    def id(self) -> str:
        """The shard's ID."""
        return f"shardId-{round(self.created * 1000):020d}-{self.label[-8:].replace('.', '')}"

    @property
    def arn(self) -> str:
        """The stream's ARN."""
        return f"{self.table.table_arn}/stream/{self.label}"

    def add(self, old: Any | None, new: Any | None, *, is_expiry: bool = False) -> None:
        """Record a change of an item; a write that changes nothing has no record."""
        was, now = _attributes(old), _attributes(new)
        if was == now:
            return
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        item: Any = old if new is None else new
        keys = {key: item.attrs[key].to_json() for key in self.table.table_key_attrs}
        if name == "INSERT" and self.items and self.items[-1].name == name:
            # moto's UpdateItem creates an item with its keys, and then updates it.
            self.items = self.items[: -1 if self.items[-1].keys == keys else None]
        self.items.append(
            StreamRecord(
                uuid.uuid4().hex, name, time.time(), keys, _dumped(was), _dumped(now), is_expiry
            )
        )
        if len(self.items) >= KEPT + TRIMMING:
            self._trim()
        with CHANGED:
            CHANGED.notify_all()

    def withdraw(self, first: int) -> None:
        """Remove the records of a transaction that failed, from a sequence number on."""
        del self.items[max(0, first - self.first) :]

    def read(self, start: int, count: int) -> Sequence[tuple[int, StreamRecord]]:
        """Return up to ``count`` records from a sequence number on, each with its own."""
        with LOCK:
            start = max(start, self.first)
            offset = start - self.first
            return list(enumerate(self.items[offset : offset + count], start))

    def wait(self, start: int, count: int, seconds: float) -> bool:
        """Return whether ``count`` records exist from ``start`` on; wait up to ``seconds``."""
        with CHANGED:
            return CHANGED.wait_for(lambda: self.next - start >= count, seconds)

    def _trim(self) -> None:
        handled = min([self.next - KEPT, *self.checkpoints.values()])
        oldest = time.time() - RETENTION_SECONDS
        count = max(0, handled - self.first)
        while count < len(self.items) and self.items[count].time < oldest:
            count += 1
        del self.items[:count]
        self.first += count


def set_specification(original: Any, table: Any, streams: Any) -> None:  # noqa: ARG001
    """Enable or disable a table's stream; a stream that is enabled again is another one."""
    is_enabled = bool(streams) and bool(streams.get("StreamEnabled", streams.get("StreamViewType")))
    table.stream_specification = {**(streams or {}), "StreamEnabled": is_enabled}
    table.stream_shard = Shard(table.account_id, table) if is_enabled else None
    table.latest_stream_label = table.stream_shard.label if is_enabled else None


def find(arn: str) -> Shard | None:
    """Return the shard of a stream's ARN; None if the stream does not exist."""
    table_arn, _, label = arn.partition("/stream/")
    parts = table_arn.split(":")
    if len(parts) != 6:
        return None
    backend = dynamodb_backends[parts[4]][parts[3]]
    table = backend.tables.get(parts[5].removeprefix("table/"))
    shard: Any = table.stream_shard if table else None
    return shard if shard and shard.label == label else None


def _attributes(item: Any | None) -> Any:
    return None if item is None else item.to_json()["Attributes"]


def _dumped(attributes: Any) -> bytes:
    return b"" if attributes is None else json.dumps(attributes, separators=(",", ":")).encode()
