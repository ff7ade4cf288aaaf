"""Marked folders: the emulator deletes only folders that it created itself.

``DARKROOM_HOME`` may name a folder that holds other things.
"""

import shutil
from pathlib import Path

from darkroom.errors import EmulatorError

MARK = ".localstack-native"
"""The file that marks a folder of the emulator, as in ``localstack_native.state.folder``."""

TEXT = "The emulator created this folder. `darkroom up` and `darkroom reset` may delete it.\n"


def create(folder: Path) -> None:
    """Create and mark a folder; an empty one may exist. Raises ``EmulatorError``."""
    check(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / MARK).write_text(TEXT)


def check(folder: Path) -> None:
    """Raise ``EmulatorError`` if the path holds anything but a marked or an empty folder."""
    if is_empty(folder) or (folder / MARK).is_file():
        return
    raise EmulatorError(
        f"{folder} was not created by the emulator: it has no file {MARK}. It is not changed. Move "
        "it to another place, or set DARKROOM_HOME to another folder."
    )


def remove(folder: Path) -> None:
    """Delete a marked folder with its contents. Raises ``EmulatorError`` if it has no mark."""
    check(folder)
    if not folder.exists():
        return
    # The mark is deleted last: after a kill, the rest can still be deleted.
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        elif each.name != MARK:
            each.unlink()
    (folder / MARK).unlink(missing_ok=True)
    if not folder.is_symlink():
        folder.rmdir()


def is_empty(folder: Path) -> bool:
    """Whether the path does not exist or is an empty folder."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
