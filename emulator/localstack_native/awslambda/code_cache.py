"""Code cache: folders with the unpacked code and layers that functions run from."""

import os
import shutil
import threading
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import ArchiveCode, FunctionVersion

from localstack_native.awslambda.environment import Roots


class CodeCache:
    """Trees of hard links to the code and layers that LocalStack has unpacked.

    LocalStack deletes its copy when the code is updated or a layer version is deleted. On AWS,
    running invocations finish and functions keep their layers. So each version and each
    environment *acquires* its trees and *releases* them later; the last release removes a tree.
    A tree's name is a hash of its sources, so versions share trees.
    """

    def __init__(self) -> None:
        self._users: Counter[Path] = Counter()
        self._lock = threading.Lock()

    def acquire(self, version: FunctionVersion, folder: Path) -> Roots:
        """Return the trees of a version; create them if they don't exist."""
        code = version.config.code
        assert code is not None
        layers = [layer.code for layer in version.config.layers if layer.code]
        if code.is_hot_reloading():
            task = Path(code.get_unzipped_code_location())
        else:
            task = self._acquire(folder, [code])
        return Roots(task=task, opt=self._acquire(folder, layers))

    def release(self, roots: Roots) -> None:
        """Release trees; remove those that nothing else has acquired."""
        for tree in (roots.task, roots.opt):
            with self._lock:
                if tree not in self._users:
                    continue  # hot-reloaded code, which is not in the cache
                self._users[tree] -= 1
                if self._users[tree] > 0:
                    continue
                del self._users[tree]
                remove_tree(tree)

    def _acquire(self, folder: Path, archives: Sequence[ArchiveCode]) -> Path:
        """Return the tree of archives; later ones overwrite earlier ones, as in ``/opt``."""
        locations = [Path(archive.get_unzipped_code_location()) for archive in archives]
        tree = folder / sha256("\n".join(map(str, locations)).encode()).hexdigest()[:16]
        with self._lock:
            if tree not in self._users:
                # While a tree is in use, LocalStack's copies may be deleted already.
                for archive in archives:
                    archive.prepare_for_execution()
                remove_tree(tree)
                tree.mkdir(parents=True)
                for location in locations:
                    link_tree(location, tree)
            self._users[tree] += 1
        return tree


def copy_tree(source: Path, target: Path) -> Path:
    """Replace ``target`` by links to all files of ``source``; return ``target``."""
    remove_tree(target)
    target.mkdir(parents=True)
    link_tree(source, target)
    return target


def remove_tree(tree: Path) -> None:
    """Remove a tree, also one that the supervisor has made read-only."""
    for folder, _, _ in os.walk(tree):
        os.chmod(folder, 0o700)
    shutil.rmtree(tree, ignore_errors=True)


def link_tree(source: Path, target: Path) -> None:
    """Link all files of ``source`` into ``target``; overwrite files that exist."""
    for folder, folders, files in os.walk(source):
        here = target / os.path.relpath(folder, source)
        for name in folders:
            (here / name).mkdir(exist_ok=True)
        for name in files:
            path = here / name
            path.unlink(missing_ok=True)
            try:
                os.link(os.path.join(folder, name), path, follow_symlinks=False)
            except OSError:  # another file system, or one without links
                shutil.copy2(os.path.join(folder, name), path, follow_symlinks=False)
