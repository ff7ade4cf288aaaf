"""Python objects as bytes, with all that the services' state holds."""

import copyreg
import io
import pickle
import threading
import types
from collections.abc import Callable
from typing import Any

import dill  # type: ignore[import-untyped]
from botocore.client import BaseClient  # type: ignore[import-untyped]
from localstack.aws.connect import MetadataRequestInjector

CLIENTS = (BaseClient, MetadataRequestInjector)
"""AWS clients: botocore's, and what LocalStack wraps them in."""


def dumps(value: Any) -> bytes:
    """Return an object as bytes. What threads hold or wait for is not among them.

    Nor are AWS clients, for which there is None: whoever was at work with one is not any more.
    Raises what pickling raises for objects that can't be kept.
    """
    file = io.BytesIO()
    _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


def loads(data: bytes) -> Any:
    """Return the object. Runs what the bytes say: they must be one's own."""
    return pickle.loads(data)  # noqa: S301 (of the user's own folder)


def new_event(is_set: bool) -> threading.Event:  # noqa: FBT001 (pickle gives it by position)
    """Return an event that nobody waits for."""
    event = threading.Event()
    if is_set:
        event.set()
    return event


def _reduced_function(function: types.FunctionType) -> Any:
    """Lambdas and functions within functions have no name to find them by."""
    return _by_dill(function) if "<" in function.__qualname__ else NotImplemented


def _by_dill(value: Any) -> Any:
    return dill.loads, (dill.dumps(value),)


_REDUCERS: dict[type, Callable[[Any], Any]] = {
    type(threading.Lock()): lambda _: (threading.Lock, ()),
    type(threading.RLock()): lambda _: (threading.RLock, ()),
    # With its lock, but without those who wait.
    threading.Condition: lambda value: (threading.Condition, (value._lock,)),  # noqa: SLF001
    threading.Event: lambda value: (new_event, (value.is_set(),)),
    types.MappingProxyType: lambda value: (types.MappingProxyType, (dict(value),)),
    types.ModuleType: _by_dill,
}


class _Pickler(pickle.Pickler):
    """C's pickler, as dill's is written in Python and many times slower."""

    dispatch_table = copyreg.dispatch_table | _REDUCERS

    def reducer_override(self, value: Any) -> Any:
        if type(value) is types.FunctionType:
            return _reduced_function(value)
        return (types.NoneType, ()) if isinstance(value, CLIENTS) else NotImplemented
