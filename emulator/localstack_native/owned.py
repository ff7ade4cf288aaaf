"""Ownership mark of folders: the emulator removes files only from folders that have it."""

from pathlib import Path

MARK = ".localstack-native"
TEXT = "The emulator created this folder and removes files from it.\n"


class ForeignFolderError(Exception):
    """A folder contains files of others; the message says what to do."""


def claim(folder: Path, setting: str) -> None:
    """Create and mark a folder; an existing folder must be empty or have the mark.

    Raises ``ForeignFolderError`` for any other folder. ``setting`` is the variable that names it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = folder / MARK
    if mark.is_file():
        return
    if any(folder.iterdir()):
        raise ForeignFolderError(
            f"{folder} is not a folder of the emulator: it has no file {MARK}. It was not"
            f" changed. Set {setting} to an empty folder; if this folder is the emulator's, create"
            " the file in it."
        )
    mark.write_text(TEXT)
