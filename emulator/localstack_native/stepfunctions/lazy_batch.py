"""Deferred import of moto's Batch, whose status names Step Functions imports.

The package ``moto.batch`` loads its backend, which loads EC2's catalog of images and instance
types: more than 100 MB.
"""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

NAME = "moto.batch"


def start() -> None:
    """Install a package that loads the backend when it is used, unless it is loaded already."""
    if NAME in sys.modules:
        return
    spec = find_spec(NAME)
    package: Any = ModuleType(NAME)
    package.__path__ = list(spec.submodule_search_locations or ()) if spec else []
    package.__getattr__ = _from_models
    sys.modules[NAME] = package
    setattr(importlib.import_module("moto"), "batch", package)  # noqa: B010 (moto has no such name)


def _from_models(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{NAME}.models"), name)
