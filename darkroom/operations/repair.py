"""Repairs: keys with faults are reprocessed, and their results awaited.

A reprocess request reconciles a key with the raw bucket, which repairs every kind of fault.
"""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched, islice

from darkroom.cloud import Cloud
from darkroom.operations.consistency import PENDING, Findings
from darkroom.operations.sqs_sender import BATCH_SIZE, send
from processor.catalog.entries import Entry
from processor.change import now
from processor.images import load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.sqs.reprocess import message_of, new_request

POLL_SECONDS = 0.2
POLLED_KEYS = 1000
"""Keys of one poll: the oldest requests, which are processed first."""

PARALLEL = 8
DRAIN_SECONDS = 10
"""Longest wait for an empty queue after all results: others may use it too."""

OTHER_IMAGE = ("no-entry", "stale")
"""Faults of keys whose entry says nothing about the recipe of the current original."""


@dataclass(frozen=True, slots=True)
class Request:
    """A reprocess request for a key."""

    key: str
    after: str
    """The newest known sequencer of the key, which the request supersedes."""
    body: str


def requests(cloud: Cloud, findings: Findings) -> Iterator[list[Request]]:
    """Yield a request for each key with a fault, in batches."""
    kinds: dict[str, set[str]] = {}
    for fault in findings.faults:
        if fault.key and fault.kind != "unindexed":
            kinds.setdefault(fault.key, set()).add(fault.kind)
    entries = findings.comparison.entries
    recipes = RecipeBook(load_recipes())

    def recipe(key: str) -> str | None:
        if key not in entries or not kinds[key].isdisjoint(OTHER_IMAGE):
            return None
        name = entries[key].recipe
        return name if recipes.has(name) else None

    with ThreadPoolExecutor(PARALLEL) as pool:
        for keys in batched(kinds, BATCH_SIZE, strict=False):
            yield list(pool.map(lambda key: _request(cloud, key, recipe(key)), keys))


def send_requests(cloud: Cloud, batch: list[Request]) -> None:
    """Send requests to the queue. Raises ``CommandError``."""
    send(cloud.sqs, cloud.outputs["QueueUrl"], [each.body for each in batch])


def results(cloud: Cloud, after: Mapping[str, str], timeout: float) -> Iterator[tuple[str, Entry]]:
    """Yield each key with its entry when a change newer than its sequencer in ``after`` has ended.

    Ends after the last key, or when ``timeout`` seconds have passed without a result.
    """
    pending = dict(after)
    deadline = time.monotonic() + timeout
    while pending and time.monotonic() < deadline:
        for key, entry in cloud.entries(list(islice(pending, POLLED_KEYS))).items():
            if entry["status"] != "processing" and entry["sequencer"] > pending[key]:
                del pending[key]
                deadline = time.monotonic() + timeout
                yield key, entry
        if pending:
            time.sleep(POLL_SECONDS)


def drain(cloud: Cloud) -> None:
    """Wait until the queue is empty, at most ``DRAIN_SECONDS``."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        depths = cloud.queue_depths()
        if not any(depths[state] for state in PENDING):
            return
        time.sleep(POLL_SECONDS)


def _request(cloud: Cloud, key: str, recipe: str | None) -> Request:
    original = cloud.original(key)
    after = cloud.newest_sequencer(key, cloud.catalog.get(key))
    time_of_event = original.time if original else now()
    request = new_request(key, time_of_event, after, recipe)
    return Request(key, after, message_of(cloud.outputs["RawBucket"], request))
