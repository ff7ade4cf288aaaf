"""The folders that functions run from."""

import os
import shutil
import threading
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import ArchiveCode, FunctionVersion

from darkroom_emulator.awslambda.environment import Roots


class Unpacked:
    """Trees of hard links to the code and layers that LocalStack has unpacked.

    LocalStack deletes its copy as soon as new code is in place or a layer version is deleted; AWS
    lets running invocations finish and functions keep their layers. So each version and each
    environment *acquires* the trees that it needs and *releases* them later; the last one to
    release a tree removes it. A tree is named by what it is made of, so that versions share it.
    """

    def __init__(self) -> None:
        self._users: Counter[Path] = Counter()
        self._lock = threading.Lock()

    def acquire(self, version: FunctionVersion, folder: Path) -> Roots:
        """Return the trees of a version, making them if need be."""
        code = version.config.code
        assert code is not None
        layers = [layer.code for layer in version.config.layers if layer.code]
        if code.is_hot_reloading():
            task = Path(code.get_unzipped_code_location())
        else:
            task = self._acquire(folder, [code])
        return Roots(task=task, opt=self._acquire(folder, layers))

    def release(self, roots: Roots) -> None:
        """Say that one user of the trees is gone."""
        for tree in (roots.task, roots.opt):
            with self._lock:
                if tree not in self._users:
                    continue  # code that is edited in place; not ours
                self._users[tree] -= 1
                if self._users[tree] > 0:
                    continue
                del self._users[tree]
                shutil.rmtree(tree, ignore_errors=True)

    def _acquire(self, folder: Path, archives: Sequence[ArchiveCode]) -> Path:
        """Return the tree of the given archives, later ones over earlier ones as in ``/opt``."""
        places = [Path(archive.get_unzipped_code_location()) for archive in archives]
        tree = folder / sha256("\n".join(map(str, places)).encode()).hexdigest()[:16]
        with self._lock:
            if tree not in self._users:
                # Only now: while the tree is in use, LocalStack's copies may be gone already.
                for archive in archives:
                    archive.prepare_for_execution()
                shutil.rmtree(tree, ignore_errors=True)
                tree.mkdir(parents=True)
                for place in places:
                    link_tree(place, tree)
            self._users[tree] += 1
        return tree


def copy_tree(source: Path, target: Path) -> Path:
    """Put links to all files of a folder in place of another folder; return that."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    link_tree(source, target)
    return target


def link_tree(source: Path, target: Path) -> None:
    """Put links to all files of a folder into another one, over what is there."""
    for folder, folders, files in os.walk(source):
        here = target / os.path.relpath(folder, source)
        for name in folders:
            (here / name).mkdir(exist_ok=True)
        for name in files:
            place = here / name
            place.unlink(missing_ok=True)
            try:
                os.link(os.path.join(folder, name), place, follow_symlinks=False)
            except OSError:  # another file system, or one without links
                shutil.copy2(os.path.join(folder, name), place, follow_symlinks=False)
