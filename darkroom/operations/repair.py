"""What does not fit is asked to be worked on again; then the outcomes are waited for.

A request brings the outcome of a key in line with what is in the raw bucket, so that it mends every
kind of fault.
"""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched, islice

from botocore.exceptions import ClientError

from darkroom.cloud import Cloud, Listed
from darkroom.operations.consistency import BUSY, Findings
from darkroom.operations.sqs_sender import AT_ONCE, send
from processor.catalog.entries import Entry
from processor.change import now
from processor.images import load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.sqs.reprocess import message_of, new_request
from processor.storage.renditions import MISSING

POLL_SECONDS = 0.2
LOOKED_AT = 1000
"""Entries that are asked for at a time: the oldest requests, which come first."""

PARALLEL = 8
DRAIN_SECONDS = 10
"""Longest wait for an empty queue once all outcomes are there: others may be using it."""

ANOTHER_PICTURE = ("no-entry", "stale")
"""Faults after which the entry's recipe says nothing of the original that is there."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for the work on a key, and the change that it comes after."""

    key: str
    after: str
    body: str


def requests(cloud: Cloud, findings: Findings) -> Iterator[list[Request]]:
    """A request for each key with a fault, as many at a time as can be sent together."""
    kinds: dict[str, set[str]] = {}
    for fault in findings.faults:
        if fault.key:
            kinds.setdefault(fault.key, set()).add(fault.kind)
    entries = findings.comparison.entries
    recipes = RecipeBook(load_recipes())

    def recipe(key: str) -> str | None:
        if key not in entries or not kinds[key].isdisjoint(ANOTHER_PICTURE):
            return None
        wanted = entries[key].recipe
        return wanted if recipes.has(wanted) else None

    with ThreadPoolExecutor(PARALLEL) as pool:
        for keys in batched(kinds, AT_ONCE, strict=False):
            yield list(pool.map(lambda key: _request(cloud, key, recipe(key)), keys))


def ask(cloud: Cloud, wanted: list[Request]) -> None:
    """Send requests. Raises ``SendError``."""
    send(cloud.sqs, cloud.outputs["QueueUrl"], [each.body for each in wanted])


def settled(cloud: Cloud, after: Mapping[str, str], patience: float) -> Iterator[tuple[str, Entry]]:
    """Each key with its entry, once that has the outcome of a change after the given one.

    Ends when all have theirs, or when none came for ``patience`` seconds.
    """
    pending = dict(after)
    deadline = time.monotonic() + patience
    while pending and time.monotonic() < deadline:
        for key, entry in cloud.entries(list(islice(pending, LOOKED_AT))).items():
            if entry["status"] != "processing" and entry["sequencer"] > pending[key]:
                del pending[key]
                deadline = time.monotonic() + patience
                yield key, entry
        if pending:
            time.sleep(POLL_SECONDS)


def drain(cloud: Cloud) -> None:
    """Wait for a while until the queue is empty."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        depths = cloud.queue_depths()
        if not any(depths[state] for state in BUSY):
            return
        time.sleep(POLL_SECONDS)


def find_original(cloud: Cloud, key: str) -> Listed | None:
    """An object of the raw bucket; None if it is not there."""
    try:
        head = cloud.s3.head_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise
    return Listed(key, head["ContentLength"], head["ETag"].strip('"'), head["LastModified"])


def _request(cloud: Cloud, key: str, recipe: str | None) -> Request:
    original = find_original(cloud, key)
    after = cloud.newest_sequencer(key, cloud.catalog.get(key))
    written = original.time if original else now()
    bucket = cloud.outputs["RawBucket"]
    return Request(key, after, message_of(bucket, new_request(key, written, after, recipe)))
