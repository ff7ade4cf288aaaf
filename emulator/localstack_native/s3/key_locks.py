"""Locks for the keys that requests write."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from weakref import WeakValueDictionary


class KeyLocks:
    """One lock for each key that a request is writing; unused locks are garbage collected."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[str, str], Any] = WeakValueDictionary()
        self._mutex = threading.Lock()

    @contextmanager
    def held(self, bucket: str, keys: Iterable[str]) -> Iterator[None]:
        """Hold the locks of some keys of a bucket.

        Locks are taken in the keys' order, which prevents deadlocks.
        """
        with ExitStack() as stack:
            for key in sorted(set(keys)):
                stack.enter_context(self._lock((bucket, key)))
            yield

    def _lock(self, name: tuple[str, str]) -> Any:
        with self._mutex:
            return self._locks.setdefault(name, threading.RLock())
