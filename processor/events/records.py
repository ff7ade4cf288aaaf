"""Records of the catalog's stream: an entry before and after one write.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from processor.catalog.entries import Entry, entry_of


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One write of an entry."""

    number: str
    """The record's sequence number in the stream; not the sequencer of the image."""
    key: str
    """The key of the image."""
    old: Entry | None
    """The entry before; None if it was created."""
    new: Entry | None
    """The entry after; None if it was deleted."""


type Consumer = Callable[[Sequence[EntryChange]], str | None]
"""Handles changes in their order. Returns the number of the first one that failed, from which on
all are received again; None if none failed. It may receive a change more than once."""


def read(record: dict[str, Any]) -> EntryChange:
    """Return the change in a record of a stream with old and new images."""
    written = record["dynamodb"]
    return EntryChange(
        number=written["SequenceNumber"],
        key=written["Keys"]["filename"]["S"],
        old=entry_of(written["OldImage"]) if "OldImage" in written else None,
        new=entry_of(written["NewImage"]) if "NewImage" in written else None,
    )


def consume(records: Sequence[dict[str, Any]], consumers: Sequence[Consumer]) -> str | None:
    """Give a batch to every consumer; return the number from which on it is received again."""
    changes = [read(each) for each in records]
    failed = [number for consumer in consumers if (number := consumer(changes)) is not None]
    return min(failed, key=int, default=None)
