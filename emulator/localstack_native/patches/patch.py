"""A patch: a change to an attribute of a module or a class."""

import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localstack.utils.patch import Patch as LocalStackPatch
from localstack.utils.patch import create_patch_proxy


@dataclass(frozen=True, slots=True)
class Patch:
    """A change to an attribute of a module or a class."""

    feature: str
    target: str
    """``module:name`` or ``module:Class.name``. The module can import the name from another."""
    parameters: str | None
    """The names of a function's parameters, or ``INHERITED``; None for another target."""
    new: str | None
    """``module:name`` of the replacement: a value, or a function that gets the target as its first
    argument. None if ``reason`` names the module that applies the patch."""
    reason: str

    @property
    def module(self) -> str:
        """The target's module."""
        return self.target.partition(":")[0]

    @property
    def path(self) -> list[str]:
        """The target's class, if any, and its name."""
        return self.target.partition(":")[2].split(".")

    def apply(self) -> None:
        """Apply the patch to its imported module."""
        if self.new is None:
            return
        owner: Any = sys.modules[self.module]
        *classes, name = self.path
        for each in classes:
            owner = getattr(owner, each)
        old = getattr(owner, name, None)
        new: Any = _load(self.new) if self.parameters is None else _lazy(self.new)
        if self.parameters is not None and old is not None:
            new = create_patch_proxy(old, new)
            if isinstance(inspect.getattr_static(owner, name), staticmethod):
                new = staticmethod(new)
        if old is None:  # LocalStack's class replaces attributes, and adds none
            setattr(owner, name, new)
        else:
            LocalStackPatch(owner, name, new).apply()


def _load(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _lazy(name: str) -> Callable[..., Any]:
    """Return a function that loads another one at its first call: it may import the target."""

    def call(*arguments: Any, **named: Any) -> Any:
        return _load(name)(*arguments, **named)

    return call
