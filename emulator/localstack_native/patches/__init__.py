"""Patches of LocalStack: registered, checked at the start, and applied.

``registry.py`` lists them. At the start, each target's parameters are compared with the expected
ones, in the source and without importing it. A patch is applied when its target's module is
imported, so that services still load at their first request.
"""

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path

from wrapt import register_post_import_hook

from localstack_native.patches.patch import Patch
from localstack_native.patches.registry import PATCHES
from localstack_native.patches.source import parameters_of, visited

STAMP = Path(sys.prefix) / "share" / "localstack-native" / "checked-patches.json"
"""The environment and the patches that passed, with the time and size of each file.

Unchanged ones pass again, but not in a copy of the environment, whose files are others.
"""


class PatchError(Exception):
    """A patch does not fit the installed LocalStack."""


def register(features: Collection[str]) -> None:
    """Check the patches of features, and apply each when its module is imported.

    Raises ``PatchError``.
    """
    chosen = [patch for patch in PATCHES if patch.feature in features]
    check(chosen)
    for module in dict.fromkeys(patch.module for patch in chosen):
        of_module = [patch for patch in chosen if patch.module == module]
        register_post_import_hook(partial(_apply, of_module), module)


def check(patches: Sequence[Patch], stamp: Path = STAMP) -> None:
    """Raise ``PatchError`` if a target does not exist or has other parameters."""
    registered = [asdict(patch) for patch in patches]
    if _passed(registered, stamp):
        return
    for patch in patches:
        if problem := _problem(patch):
            raise PatchError(
                f"LocalStack {version('localstack-core')} with moto-ext {version('moto-ext')} does "
                f"not fit the patch {patch.target} of the feature {patch.feature}: {problem}. "
                "Install the versions that localstack-extension-native requires, or set "
                f"EMULATOR_FEATURES to all,-{patch.feature}."
            )
    files = {str(path): _state(path) for path in visited()}
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        known = {"environment": sys.prefix, "patches": registered, "files": files}
        stamp.write_text(json.dumps(known))
    except OSError:
        pass  # a read-only installation is checked at each start


def _passed(registered: list[dict[str, str | None]], stamp: Path) -> bool:
    try:
        known = json.loads(stamp.read_text())
        files = known["files"].items()
        return (
            known["environment"] == sys.prefix
            and known["patches"] == registered
            and all(_state(Path(path)) == state for path, state in files)
        )
    except (OSError, ValueError, KeyError):
        return False


def _state(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _problem(patch: Patch) -> str | None:
    try:
        found = parameters_of(patch.module, patch.path)
    except LookupError:
        return "it does not exist"
    if found == patch.parameters:
        return None
    return f"its parameters are ({found}) instead of ({patch.parameters})"


def _apply(patches: list[Patch], _module: object) -> None:
    for patch in patches:
        patch.apply()
