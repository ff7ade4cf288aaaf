"""Locks for the keys that requests change."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from weakref import WeakValueDictionary


class KeyLocks:
    """One lock for each key that a request changes now; a lock goes with the last who knows it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        self._mutex = threading.Lock()

    @contextmanager
    def held(self, bucket: str, keys: Iterable[str]) -> Iterator[None]:
        """Hold some keys of a bucket.

        All requests take keys in the same order, so that no two wait for each other.
        """
        with ExitStack() as stack:
            for key in sorted(set(keys)):
                stack.enter_context(self._lock((bucket, key)))
            yield

    def _lock(self, place: tuple[str, str]) -> Any:
        with self._mutex:
            return self._locks.setdefault(place, threading.RLock())
