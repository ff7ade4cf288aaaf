"""Snapshots on disk: an interrupted save leaves the previous or the new snapshot."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localstack_native.owned import ForeignFolderError
from localstack_native.state.folder import (
    FolderInUseError,
    FolderReplacedError,
    Manifest,
    StateFolder,
    UnusableSnapshotError,
)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    """Yield an occupied folder with a snapshot of two services."""
    folder = StateFolder(tmp_path / "state")
    folder.acquire()
    save(folder, b"old")
    yield folder
    folder.release()


def save(folder: StateFolder, data: bytes) -> None:
    """Take a snapshot in which two services have the same content."""
    stores = {name: folder.write(name, data) for name in ("s3", "sqs")}
    folder.commit(Manifest({"python": "3.13"}, "localhost:4566", "2026-01-01T00:00:00Z", stores))


def loaded(folder: StateFolder) -> set[bytes]:
    """Return the contents of the snapshot's services."""
    manifest = folder.manifest()
    assert manifest
    assert manifest.services.keys() == {"s3", "sqs"}
    return {folder.read(store) for store in manifest.services.values()}


def test_a_kill_leaves_one_complete_snapshot(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the manifest is renamed it is the old snapshot, afterwards the new one."""
    outcomes = []
    for steps in range(100):
        left = steps

        def step(real: Any, *arguments: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return real(*arguments)

        with monkeypatch.context() as patch:
            for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
                real = getattr(owner, name)
                patch.setattr(owner, name, lambda *given, real=real: step(real, *given))
            try:
                save(folder, b"new")
            except Killed:
                killed = True
            else:
                killed = False
        found = loaded(folder)
        assert found in ({b"old"}, {b"new"})
        outcomes.append(found)
        if not killed:
            break
        save(folder, b"old")
    assert outcomes[0] == {b"old"}
    assert outcomes[-1] == {b"new"}
    assert len(outcomes) > 8


def test_unneeded_files_are_removed(folder: StateFolder) -> None:
    """A snapshot removes the files of the previous one, and drafts."""
    (folder.path / "stores" / "s3-0.pickle.draft").write_bytes(b"half")
    save(folder, b"new")
    assert len(list((folder.path / "stores").iterdir())) == 2


@pytest.mark.parametrize("damage", ["missing", "shorter", "changed"])
def test_a_damaged_store_is_not_read(folder: StateFolder, damage: str) -> None:
    """A store whose checksum differs is not read."""
    (path,) = (folder.path / "stores").glob("s3-*.pickle")
    match damage:
        case "missing":
            path.unlink()
        case "shorter":
            path.write_bytes(b"ol")
        case "changed":
            path.write_bytes(b"olD")
    with pytest.raises(UnusableSnapshotError, match=r"s3-.*\.pickle"):
        loaded(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 0}', '{"format": 1}'])
def test_a_damaged_manifest_is_not_read(folder: StateFolder, text: str) -> None:
    """Half a manifest, or one of another format, is not a snapshot."""
    (folder.path / "manifest.json").write_text(text)
    with pytest.raises(UnusableSnapshotError):
        folder.manifest()


def test_a_snapshot_is_set_aside_completely(folder: StateFolder) -> None:
    """A snapshot that is set aside is complete, in a folder named after the reason."""
    (folder.objects / "content").write_bytes(b"image")
    places = [folder.set_aside("damaged"), folder.set_aside("damaged")]
    assert places[0] != places[1]
    assert "damaged" in places[0].name
    assert sorted(path.name for path in places[0].iterdir()) == [
        "manifest.json", "objects", "stores",
    ]  # fmt: skip
    assert folder.manifest() is None
    save(folder, b"new")
    assert loaded(folder) == {b"new"}


def test_one_emulator_at_a_time(folder: StateFolder) -> None:
    """Another emulator is refused the folder, and other users can't read it."""
    with pytest.raises(FolderInUseError, match="Another emulator"):
        StateFolder(folder.path).acquire()
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder that the emulator did not create is refused, and remains unchanged."""
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "diary").write_text("mine")
    with pytest.raises(ForeignFolderError, match=f"{tmp_path} .*EMULATOR_STATE_DIR"):
        StateFolder(tmp_path).acquire()
    assert [path.name for path in tmp_path.iterdir()] == ["objects"]


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_moved_folder_is_noticed(
    folder: StateFolder,
    is_replaced: bool,  # noqa: FBT001
) -> None:
    """An emulator notices that its folder was moved or replaced."""
    folder.check()
    folder.path.rename(folder.path.with_name("moved"))
    if is_replaced:
        other = StateFolder(folder.path)
        other.acquire()
        other.release()
    with pytest.raises(FolderReplacedError, match="replaced" if is_replaced else "moved"):
        folder.check()


def test_only_the_owner_reads_a_snapshot(folder: StateFolder) -> None:
    """Folders and files of a snapshot have modes 0700 and 0600."""
    folders = [folder.path, *(path for path in folder.path.iterdir() if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    files = [folder.path / "manifest.json", folder.path / "lock", *folder.path.glob("stores/*")]
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
