"""The emulator's folders: it deletes only what it created, and other users cannot read it."""

import os
import socket
import subprocess
from pathlib import Path

import boto3
import pytest

from darkroom.emulator import owned_folder
from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.native import NativeEmulator
from darkroom.emulator.work_folder import (
    DEFAULT_HOME,
    create_work_folder,
    emulator_lock,
    exports_file,
    work_folder,
    write_exports,
)
from darkroom.errors import EmulatorError


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return path.stat().st_mode & 0o777


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return a work folder with files of another program."""
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


def test_reset_leaves_foreign_folders(foreign: Path) -> None:
    """`reset` names a folder that the emulator did not create, and does not change it."""
    with pytest.raises(EmulatorError, match=f"{foreign}/state was not created by the emulator"):
        NativeEmulator(foreign).delete_snapshot()
    assert (foreign / "state" / "diary").read_text() == "mine"


@pytest.mark.parametrize(("persist", "refused"), [(True, "state"), (False, "localstack")])
def test_starting_leaves_foreign_folders(
    foreign: Path,
    persist: bool,  # noqa: FBT001
    refused: str,
) -> None:
    """`up` does the same, and starts no process."""
    emulator = NativeEmulator(foreign, persist=persist)
    emulator._program = foreign / "never-started"
    emulator._program.touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with pytest.raises(EmulatorError, match=f"{foreign}/{refused} .* Move it to another place"):
        emulator.start(port, print)
    for name in ("state", "localstack"):
        assert (foreign / name / "diary").read_text() == "mine"
        assert [path.name for path in (foreign / name).iterdir()] == ["diary"]


def test_own_folders_are_removed(tmp_path: Path) -> None:
    """A created folder is deleted with its contents, but not with the targets of links in it."""
    folder, outside = tmp_path / "state", tmp_path / "outside"
    outside.mkdir()
    (outside / "diary").write_text("mine")
    owned_folder.create(folder)
    assert mode(folder) == 0o700
    (folder / "stores").mkdir()
    (folder / "stores" / "s3").touch()
    (folder / "link").symlink_to(outside)
    owned_folder.remove(folder)
    owned_folder.remove(folder)
    assert not folder.exists()
    assert (outside / "diary").read_text() == "mine"


def test_a_link_to_an_own_folder(tmp_path: Path) -> None:
    """The target of a link is emptied, and can be used again."""
    real, link = tmp_path / "large-disk", tmp_path / "state"
    real.mkdir()
    link.symlink_to(real)
    for _ in range(2):
        owned_folder.create(link)
        (link / "manifest.json").touch()
        owned_folder.remove(link)
        assert list(real.iterdir()) == []


def test_others_read_nothing(tmp_path: Path) -> None:
    """A created work folder and its files are private, also if a file of that name was not."""
    home = tmp_path / "new"
    with emulator_lock(home):
        pass
    assert mode(home) == 0o700
    assert mode(home / "emulator.lock") == 0o600
    exports_file(home).touch(mode=0o644)
    write_exports(home, Endpoint(4566))
    assert mode(exports_file(home)) == 0o600


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "127.0.0.1,localhost"),
        ("", "127.0.0.1,localhost"),
        ("intranet,.corp.example", "127.0.0.1,localhost,intranet,.corp.example"),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_hosts_without_a_proxy_are_added(
    name: str, before: str | None, after: str, tmp_path: Path
) -> None:
    """The shell's own list stays, however often the file is sourced."""
    write_exports(tmp_path, Endpoint(4566))
    script = f"set -eu; source {exports_file(tmp_path)}; source {exports_file(tmp_path)}"
    environment = {"PATH": os.environ["PATH"]} | ({} if before is None else {name: before})
    run = subprocess.run(
        ["bash", "-c", f'{script}; printf %s "${name}"'],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout == after


def test_the_users_aws_configuration_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No profile, endpoint or S3 setting of the user leads away from the emulator."""
    config = tmp_path / ".aws" / "config"
    config.parent.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    config.write_text(
        "[default]\nignore_configured_endpoint_urls = true\nregion = eu-west-1\n"
        "s3 =\n    use_accelerate_endpoint = true\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("NO_PROXY", "intranet")
    monkeypatch.setenv("no_proxy", "intranet")
    for name, value in Endpoint(4566).environment().items():
        monkeypatch.setenv(name, value)
    Endpoint(4566).use()
    client = boto3.Session().client("s3")
    assert client.meta.endpoint_url == "http://127.0.0.1:4566"
    assert "use_accelerate_endpoint" not in (vars(client.meta.config).get("s3") or {})
    assert os.environ["NO_PROXY"] == "127.0.0.1,localhost,intranet"


def test_the_default_work_folder_becomes_private(tmp_path: Path) -> None:
    """Another existing folder keeps its permissions."""
    for name, expected in (("ours", 0o700), ("theirs", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
        create_work_folder(tmp_path / name, default=tmp_path / "ours")
        assert mode(tmp_path / name) == expected
