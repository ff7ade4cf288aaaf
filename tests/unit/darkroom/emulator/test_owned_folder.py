"""The emulator's folders: it removes what it made, and nothing else, and nobody else reads it."""

import socket
from pathlib import Path

import pytest

from darkroom.emulator import owned_folder
from darkroom.emulator.instance import (
    DEFAULT_HOME,
    EmulatorError,
    Endpoint,
    alone,
    exports_file,
    work_folder,
    write_exports,
)
from darkroom.emulator.native import NativeEmulator


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return path.stat().st_mode & 0o777


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Give a work folder that somebody else has filled."""
    for name in ("state", "localstack"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "diary").write_text("mine")
    return tmp_path


def test_the_work_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty DARKROOM_HOME is an unset one, and a relative one is made absolute."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DARKROOM_HOME", raising=False)
    assert work_folder() == DEFAULT_HOME
    monkeypatch.setenv("DARKROOM_HOME", "")
    assert work_folder() == DEFAULT_HOME
    monkeypatch.setenv("DARKROOM_HOME", "there")
    assert work_folder() == tmp_path / "there"


def test_forgetting_leaves_foreign_folders(foreign: Path) -> None:
    """`reset` names a folder that the emulator did not make, says what to do, and leaves it."""
    with pytest.raises(EmulatorError, match=f"{foreign}/state is not a folder that the emulator"):
        NativeEmulator(foreign).forget()
    assert (foreign / "state" / "diary").read_text() == "mine"


@pytest.mark.parametrize(("persist", "refused"), [(True, "state"), (False, "localstack")])
def test_starting_leaves_foreign_folders(
    foreign: Path,
    persist: bool,  # noqa: FBT001
    refused: str,
) -> None:
    """`up` does the same, and starts nothing."""
    emulator = NativeEmulator(foreign, persist=persist)
    emulator._program = foreign / "never-started"
    emulator._program.touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with pytest.raises(EmulatorError, match=f"{foreign}/{refused} .* Move it out of the way"):
        emulator.start(port, print)
    for name in ("state", "localstack"):
        assert (foreign / name / "diary").read_text() == "mine"
        assert [path.name for path in (foreign / name).iterdir()] == ["diary"]


def test_own_folders_are_removed(tmp_path: Path) -> None:
    """What was created goes with all that is in it, but not what links in it lead to."""
    folder, outside = tmp_path / "state", tmp_path / "outside"
    outside.mkdir()
    (outside / "diary").write_text("mine")
    owned_folder.create(folder)
    assert mode(folder) == 0o700
    (folder / "stores").mkdir()
    (folder / "stores" / "s3").touch()
    (folder / "link").symlink_to(outside)
    owned_folder.remove(folder)
    owned_folder.remove(folder)  # there is nothing any more
    assert not folder.exists()
    assert (outside / "diary").read_text() == "mine"


def test_a_link_to_an_own_folder(tmp_path: Path) -> None:
    """A folder that a link leads to is emptied, and can be created again."""
    real, link = tmp_path / "large-disk", tmp_path / "state"
    real.mkdir()
    link.symlink_to(real)
    for _ in range(2):
        owned_folder.create(link)
        (link / "manifest.json").touch()
        owned_folder.remove(link)
        assert list(real.iterdir()) == []


def test_others_read_nothing(tmp_path: Path) -> None:
    """A work folder that we create, and the files in it, are their owner's alone, though others
    could read a file of that name before.
    """
    home = tmp_path / "new"
    with alone(home):
        pass
    assert mode(home) == 0o700
    assert mode(home / "emulator.lock") == 0o600
    exports_file(home).touch(mode=0o644)
    write_exports(home, Endpoint(4566))
    assert mode(exports_file(home)) == 0o600


def test_the_default_work_folder_is_tightened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkout's own folder becomes private; another that exists keeps its mode."""
    for name, expected in (("ours", 0o700), ("theirs", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
        monkeypatch.setattr("darkroom.emulator.instance.DEFAULT_HOME", tmp_path / "ours")
        with alone(tmp_path / name):
            pass
        assert mode(tmp_path / name) == expected
