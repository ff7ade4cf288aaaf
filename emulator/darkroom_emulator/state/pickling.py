"""Python objects as bytes, with all that the services' state holds."""

import io
import pickle
import queue
import threading
import types
from collections.abc import Callable
from typing import Any

import dill

_LOCK = type(threading.Lock())
_RLOCK = type(threading.RLock())
_QUEUES = (queue.Queue, queue.SimpleQueue)


def dumps(value: Any) -> bytes:
    """Return an object as bytes. What threads hold or wait for is not among them.

    Raises what pickling raises for objects that can't be kept.
    """
    file = io.BytesIO()
    _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


def loads(data: bytes) -> Any:
    """Return the object. Runs what the bytes say: they must be one's own."""
    return pickle.loads(data)  # noqa: S301 (of the user's own folder)


class _Pickler(pickle.Pickler):
    """C's pickler, as dill's is written in Python and a hundred times slower."""

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind is _LOCK or kind is _RLOCK:
            return kind is _LOCK and threading.Lock or threading.RLock, ()
        if kind is threading.Condition:
            return threading.Condition, (value._lock,)  # noqa: SLF001 (without who waits)
        if kind is threading.Event:
            return new_event, (value.is_set(),)
        if kind is types.FunctionType and not _is_found_by_name(value):
            return dill.loads, (dill.dumps(value),)
        if kind is types.ModuleType:
            return dill.loads, (dill.dumps(value),)
        if kind is types.MappingProxyType:
            return types.MappingProxyType, (dict(value),)
        return NotImplemented


def new_event(is_set: bool) -> threading.Event:  # noqa: FBT001 (pickle gives it by position)
    """Return an event that nobody waits for."""
    event = threading.Event()
    if is_set:
        event.set()
    return event


def _is_found_by_name(function: Callable[..., Any]) -> bool:
    return "<" not in function.__qualname__
