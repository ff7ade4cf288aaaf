"""Time to live: deletion of expired items, which moto lacks."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from localstack_native.dynamodb.storage import LOCK, items_of, stored

LOG = logging.getLogger(__name__)

INTERVAL_VARIABLE = "EMULATOR_DYNAMODB_TTL_INTERVAL"
DEFAULT_INTERVAL = 10.0
OLDEST_SECONDS = 5 * 365 * 24 * 3600
"""AWS does not delete items that expired more than five years ago, such as those with time 0."""


class Sweeper:
    """A thread that deletes expired items of all tables with TTL enabled, every few seconds.

    On AWS this takes up to days. Clients must filter out expired items in both cases.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dynamodb-ttl", daemon=True)

    @classmethod
    def from_environment(cls) -> "Sweeper":
        """Return a sweeper with the interval of the environment's setting."""
        return cls(float(os.environ.get(INTERVAL_VARIABLE) or DEFAULT_INTERVAL))

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self._interval):
            try:
                for table in tables():
                    sweep(table, time.time())
            except Exception:
                LOG.exception("Deleting expired DynamoDB items failed; retrying after the interval")


def tables() -> Iterator[Any]:
    """Yield all tables of all accounts and regions."""
    for regions in list(dynamodb_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend.tables.values())


def sweep(table: Any, now: float) -> None:
    """Delete a table's expired items."""
    if table.ttl.get("TimeToLiveStatus") != "ENABLED":
        return
    attribute = table.ttl["AttributeName"]
    with LOCK:
        found = list(items_of(table))
    for key, item in found:
        if not is_expired(item.attrs.get(attribute), now):
            continue
        with LOCK:
            # A newer version of the item may not have expired.
            if stored(table.items, key) is item:
                shard, table.stream_shard = table.stream_shard, None
                table.delete_item(*key)
                table.stream_shard = shard
                if shard is not None:
                    shard.add(item, None, is_expiry=True)
                LOG.debug("TTL of table %s: deleted an item", table.name)


def is_expired(value: Any, now: float) -> bool:
    """Return whether an attribute is a time in the past, within the last five years."""
    if value is None or value.type != "N":
        return False
    return now - OLDEST_SECONDS <= float(value.value) < now
