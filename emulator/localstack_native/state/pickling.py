"""Pickling of the services' state, including locks, events, functions and modules."""

import copyreg
import io
import pickle
import threading
import types
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import dill  # type: ignore[import-untyped]
from botocore.client import BaseClient
from localstack.aws.connect import MetadataRequestInjector

CLIENTS = (BaseClient, MetadataRequestInjector)
"""AWS clients: botocore's, and LocalStack's wrapper of them."""


def dumps(value: Any) -> bytes:
    """Return an object as bytes. Locks are pickled unlocked, and without waiting threads.

    AWS clients are pickled as None, because the threads that used them do not exist after a
    restore. Raises pickle's errors for objects that can't be pickled.
    """
    file = io.BytesIO()
    _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


def loads(data: bytes) -> Any:
    """Return the unpickled object. Unpickling runs code: the data must be trusted."""
    return pickle.loads(data)  # noqa: S301 (from the user's own folder)


def new_event(is_set: bool) -> threading.Event:  # noqa: FBT001 (pickle passes it by position)
    """Return an event without waiting threads."""
    event = threading.Event()
    if is_set:
        event.set()
    return event


def new_default_dict(
    kind: type[defaultdict[Any, Any]], factory: Callable[[], Any] | None
) -> defaultdict[Any, Any]:
    """Return an empty dictionary of a subclass, whose constructor may have other parameters."""
    made = kind.__new__(kind)
    defaultdict.__init__(made, factory)
    return made


def _reduced_default_dict(value: defaultdict[Any, Any]) -> Any:
    new = (type(value), value.default_factory)
    return new_default_dict, new, value.__dict__, None, iter(dict.items(value))


def _reduced_function(function: types.FunctionType) -> Any:
    """Reduce lambdas and nested functions, which pickle can't find by name."""
    return _by_dill(function) if "<" in function.__qualname__ else NotImplemented


def _by_dill(value: Any) -> Any:
    return dill.loads, (dill.dumps(value),)


_REDUCERS: dict[type, Callable[[Any], Any]] = {
    type(threading.Lock()): lambda _: (threading.Lock, ()),
    type(threading.RLock()): lambda _: (threading.RLock, ()),
    # With its lock, but without waiting threads.
    threading.Condition: lambda value: (threading.Condition, (value._lock,)),  # noqa: SLF001
    threading.Event: lambda value: (new_event, (value.is_set(),)),
    types.MappingProxyType: lambda value: (types.MappingProxyType, (dict(value),)),
    types.ModuleType: _by_dill,
}


class _Pickler(pickle.Pickler):
    """pickle's C implementation; dill's pickler is written in Python and many times slower."""

    dispatch_table = copyreg.dispatch_table | _REDUCERS

    def reducer_override(self, value: Any) -> Any:
        if type(value) is types.FunctionType:
            return _reduced_function(value)
        if isinstance(value, defaultdict) and type(value) is not defaultdict:
            return _reduced_default_dict(value)
        return (types.NoneType, ()) if isinstance(value, CLIENTS) else NotImplemented
