"""Outcomes that a stack commits, read from its catalog's stream beside the function of events.

A write commits an outcome if it leaves the entry with one and without a lease: this rule is the
tests' own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import boto3

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.events.outcomes import EventStatus, event_id
from processor.events.records import read

PAUSE_SECONDS = 0.3
"""Between two reads of the stream, which keeps 1,000 records in the emulator."""


class Outcome(NamedTuple):
    """An outcome of one version of an image."""

    key: str
    version: str
    status: EventStatus


@dataclass(slots=True)
class CommittedOutcomes:
    """The outcomes of a stack without reviews, by the IDs of their events."""

    by_id: dict[str, Outcome] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def ids(self, key: str) -> set[str]:
        """Return the IDs of a key's outcomes until now."""
        return {each for each, outcome in list(self.by_id.items()) if outcome.key == key}

    def _run(self, streams: Any, iterator: str) -> None:
        is_last = False
        while not is_last:
            # What was committed before the end is read.
            is_last = self._over.is_set()
            while True:
                page = streams.get_records(ShardIterator=iterator, Limit=1000)
                iterator = page["NextShardIterator"]
                for record in page["Records"]:
                    if outcome := _outcome(read(record).new):
                        self.by_id[event_id(*outcome)] = outcome
                if not page["Records"]:
                    break
            self._over.wait(PAUSE_SECONDS)


@contextmanager
def committed_outcomes(cloud: Cloud) -> Iterator[CommittedOutcomes]:
    """Yield the outcomes that are committed from now until the end of the block."""
    streams: Any = boto3.client("dynamodbstreams")
    table = cloud.catalog.dynamodb.describe_table(TableName=cloud.catalog.table)["Table"]
    stream = table["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
    )["ShardIterator"]
    outcomes = CommittedOutcomes()
    thread = threading.Thread(target=outcomes._run, args=[streams, iterator], daemon=True)
    thread.start()
    try:
        yield outcomes
    finally:
        outcomes._over.set()
        thread.join()


def _outcome(entry: Entry | None) -> Outcome | None:
    """Return the outcome that an entry has; None while an attempt is in progress."""
    if entry is None or entry["status"] == "processing" or "lease" in entry:
        return None
    status = "failed" if "failed_request" in entry else entry["status"]
    return Outcome(entry["filename"], entry["sequencer"], cast("EventStatus", status))
