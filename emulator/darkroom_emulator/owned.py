"""Folders that the emulator removes files from: they carry its mark, or are empty at first."""

from pathlib import Path

MARK = ".darkroom-emulator"
TEXT = "The emulator made this folder, and removes files from it.\n"


class ForeignFolderError(Exception):
    """A folder holds what the emulator did not make. Says what to do."""


def claim(folder: Path, setting: str) -> None:
    """Create a folder, or take an empty one, and mark it.

    Raises ``ForeignFolderError`` for any other without the mark; ``setting`` is the variable that
    names the folder.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = folder / MARK
    if mark.is_file():
        return
    if any(folder.iterdir()):
        raise ForeignFolderError(
            f"{folder} is not a folder that the emulator made: it has no file {MARK}. It is left as"
            f" it is. Name an empty folder by {setting}; if this one is the emulator's, create that"
            " file in it."
        )
    mark.write_text(TEXT)
