"""Images in folders."""

import os
from pathlib import Path

import pytest

from darkroom.errors import CommandError
from darkroom.operations.folders import find_images
from tests.unit.processor.images.sample_images import encoded, quarters

IMAGE = encoded(quarters(), "PNG")


def write(file: Path, content: bytes) -> Path:
    """Write a file, and create its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_a_folder(tmp_path: Path) -> None:
    """Its images are found by their content, nested ones included; a name is the path below the
    folder. Everything else is skipped with the reason.
    """
    folder = tmp_path / "holiday"
    single = write(tmp_path / "single.txt", b"text")
    for name in ("b.png", "day 2/evening/no-extension", "a.txt"):
        write(folder / name, IMAGE)
    write(folder / "notes.txt", b"text")
    write(folder / "day 2/fake.jpg", b"text")
    write(folder / "empty.jpg", b"")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "loop").symlink_to(folder)
    (folder / "gone.jpg").symlink_to(tmp_path / "missing")
    (folder / "nothing").mkdir()
    found = find_images([single, folder])
    assert [name for _, name in found.files] == [
        "single.txt", "a.txt", "b.png", "day 2/evening/no-extension"
    ]  # fmt: skip
    reasons = {file.relative_to(folder).as_posix(): reason for file, reason in found.skipped}
    assert reasons.keys() == {
        "notes.txt", "day 2/fake.jpg", "empty.jpg", "pipe.jpg", "loop", "gone.jpg"
    }  # fmt: skip
    assert "JPEG, PNG" in reasons["day 2/fake.jpg"]
    assert "empty" in reasons["empty.jpg"]
    assert "not a regular file" in reasons["pipe.jpg"]
    assert "link to a folder" in reasons["loop"]
    assert "missing file" in reasons["gone.jpg"]


def test_names_that_s3_cannot_hold(tmp_path: Path) -> None:
    """A name in a folder that is not UTF-8 is skipped."""
    write(tmp_path / os.fsdecode(b"caf\xe9.png"), IMAGE)
    ((_, reason),) = find_images([tmp_path]).skipped
    assert "not UTF-8" in reason


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file and a folder without permission are skipped with the system's reason."""
    file = write(tmp_path / "a.png", IMAGE)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "open", refuse)
    ((_, reason),) = find_images([tmp_path]).skipped
    assert reason == "The file cannot be read: Permission denied."
    monkeypatch.setattr(os, "scandir", refuse)
    ((_, reason),) = find_images([tmp_path]).skipped
    assert reason == "The folder cannot be read: Permission denied."


@pytest.mark.parametrize("name", ["missing", "pipe"])
def test_paths_without_files(tmp_path: Path, name: str) -> None:
    """A path that is neither a file nor a folder ends the command before any upload."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CommandError, match=name):
        find_images([tmp_path / name])
