"""Folders of the emulator's own: created with a mark, readable by their owner alone.

Only a folder with the mark is ever removed: ``DARKROOM_HOME`` may name one that holds other things.
"""

import shutil
from pathlib import Path

from darkroom.emulator.instance import EmulatorError

MARK = ".darkroom-emulator"
"""The file in each folder of the emulator; ``darkroom_emulator.state.folder`` has the same."""

TEXT = "The emulator made this folder. `darkroom up` and `darkroom reset` may remove all of it.\n"


def create(folder: Path) -> None:
    """Create a folder, or take an empty one, and mark it. Raises ``EmulatorError``."""
    check(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / MARK).write_text(TEXT)


def check(folder: Path) -> None:
    """Raise ``EmulatorError`` if there is something at the path that is not the emulator's."""
    if is_empty(folder) or (folder / MARK).is_file():
        return
    raise EmulatorError(
        f"{folder} is not a folder that the emulator made: it has no file {MARK}. It is left as it "
        "is. Move it out of the way, or set DARKROOM_HOME to another folder."
    )


def remove(folder: Path) -> None:
    """Remove a folder with all that it holds. Raises ``EmulatorError`` if it lacks the mark."""
    check(folder)
    if not folder.exists():
        return
    # The mark goes last: what a kill leaves half-removed can still be removed.
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        elif each.name != MARK:
            each.unlink()
    (folder / MARK).unlink(missing_ok=True)
    if not folder.is_symlink():
        folder.rmdir()


def is_empty(folder: Path) -> bool:
    """Whether nothing is there, or a folder with nothing in it."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
