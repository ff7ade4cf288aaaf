"""Starting, finding and stopping the native emulator, as `make up` and `make down` do."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from darkroom.emulator.endpoint import HOST
from darkroom.emulator.native import EmulatorProcess, NativeEmulator, end
from darkroom.emulator.work_folder import emulator_lock
from darkroom.errors import EmulatorError
from tests.deployed import SAMPLES

from .localstack import free_port

DARKROOM = Path(sys.executable).with_name("darkroom")


@pytest.fixture
def printed() -> list[str]:
    """Return the list of printed lines."""
    return []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a work folder of the test's own."""
    return tmp_path / "home"


@pytest.fixture
def emulator(home: Path) -> Iterator[NativeEmulator]:
    """Yield the emulator of that folder, and stop it at the end."""
    home.mkdir()
    emulator = NativeEmulator(home)
    yield emulator
    emulator.stop()
    assert of(home) == []


def of(home: Path) -> list[psutil.Process]:
    """Return all processes that belong to a work folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(home) in value for value in process.environ().values()):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.pid != os.getpid()]


def test_the_command_line_starts_and_stops_it(home: Path) -> None:
    """`up` deploys, prints the addresses, and can be repeated; `down` leaves no process."""
    home.mkdir()
    # A shell that is signed in to AWS, behind a proxy that must not be used.
    environment = {
        **os.environ,
        "DARKROOM_HOME": str(home),
        "MODE": "native",
        "PERSIST": "0",
        "COMPOSE_PROJECT_NAME": "darkroom-test-of-no-container",
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL_S3": "https://s3.eu-central-1.amazonaws.com",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "http_proxy": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [DARKROOM, *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        return done.stdout

    port = str(free_port())
    try:
        first = run("up", "--port", port)
        assert "CREATE_COMPLETE" in first
        assert f"http://127.0.0.1:{port}" in first
        shell = f"source {home}/emulator.env && {DARKROOM} status"
        status = subprocess.run(
            ["bash", "-c", shell], env=environment, capture_output=True, text=True, check=False
        )
        assert f"Endpoint of the commands: http://127.0.0.1:{port}" in status.stdout, status
        assert "Queue: 0 waiting" in status.stdout
        again = run("up", "--port", port)
        assert "already running" in again
        assert "Nothing has changed" in again
    finally:
        stopped = run("down")
    assert "stopped" in stopped
    assert "It was started with PERSIST=0, so its state is deleted." in stopped
    assert "snapshot" not in stopped
    assert of(home) == []
    assert "No emulator was running" in run("down")


def test_recovers(emulator: NativeEmulator, home: Path, printed: list[str]) -> None:
    """`start` recovers from a killed emulator and from a lost work folder, and `stop` finds it."""
    port = free_port()
    first = emulator.start(port, printed.append)
    assert first.is_healthy()
    assert emulator.log.stat().st_mode & 0o777 == 0o600

    end(first.process)
    assert emulator.running() == []
    second = emulator.start(port, printed.append)
    assert second.is_healthy()
    assert second != first

    shutil.rmtree(home)
    third = emulator.start(port, printed.append)
    assert third.is_healthy()
    assert not second.is_alive()
    assert "has lost its work folder" in printed[-1]

    with pytest.raises(EmulatorError, match=f"already running on port {port}"):
        emulator.start(free_port(), printed.append)

    shutil.rmtree(home)
    assert emulator.stop() is True
    assert not third.is_alive()


def test_copied_and_moved_folders(
    emulator: NativeEmulator, home: Path, tmp_path: Path, printed: list[str]
) -> None:
    """The emulator of a folder is neither found nor stopped through a copy; after a move, it is
    found in the new place and restarted.
    """
    port = free_port()
    first = emulator.start(port, printed.append)
    shutil.copytree(home, tmp_path / "copy")
    copy = NativeEmulator(tmp_path / "copy")
    assert copy.running() == []
    assert copy.stop() is False
    with pytest.raises(
        EmulatorError, match=f"Port {port} is in use by process {first.process.pid}"
    ):
        copy.start(port, printed.append)
    assert first.is_healthy()

    home.rename(tmp_path / "moved")
    moved = NativeEmulator(tmp_path / "moved")
    assert emulator.running() == []
    second = moved.start(port, printed.append)
    assert not first.is_alive()
    assert moved.running() == [second]
    assert moved.stop() is True


def test_the_emulator_of_another_checkout(
    emulator: NativeEmulator, home: Path, tmp_path: Path, printed: list[str]
) -> None:
    """Two checkouts with one work folder do not stop each other's emulators."""
    first = emulator.start(free_port(), printed.append)
    other = NativeEmulator(home)
    other._program = tmp_path / "other" / emulator._program.name
    assert other.running() == []
    for act in (
        other.stop,
        other.delete_snapshot,
        lambda: other.start(free_port(), printed.append),
    ):
        with pytest.raises(EmulatorError, match=f"Another checkout's emulator uses {home}"):
            act()
    assert first.is_healthy()


def test_an_emulator_that_does_not_respond_is_restarted(
    emulator: NativeEmulator, printed: list[str]
) -> None:
    """A process that hangs is killed and replaced."""
    port = free_port()
    first = emulator.start(port, printed.append)
    first.process.suspend()
    impatient = NativeEmulator(emulator.home, start_seconds=20.0, stop_seconds=2.0)
    second = impatient.start(port, printed.append)
    assert second.is_healthy()
    assert "does not respond" in printed[-1]
    assert not first.is_alive()


def test_two_starts_at_once(emulator: NativeEmulator, printed: list[str]) -> None:
    """The second start waits for the first, and returns the same emulator."""
    port = free_port()

    def start() -> EmulatorProcess:
        other = NativeEmulator(emulator.home)
        with emulator_lock(emulator.home):
            return other.start(port, printed.append)

    with ThreadPoolExecutor() as pool:
        starts = [pool.submit(start) for _ in range(2)]
        first, second = (each.result() for each in starts)
    assert first == second
    assert printed == [f"The emulator is already running (process {first.process.pid})"]


def test_listens_on_loopback_alone(emulator: NativeEmulator, printed: list[str]) -> None:
    """No port of the emulator or of its child processes is reachable from another machine."""
    process = emulator.start(free_port(), printed.append).process
    family = {process.pid, *(child.pid for child in process.children(recursive=True))}
    addresses = [
        each.laddr.ip  # type: ignore[union-attr]
        for each in psutil.net_connections("inet")
        if each.pid in family and each.status == psutil.CONN_LISTEN
    ]
    assert addresses
    assert set(addresses) == {HOST}


def test_a_taken_port(emulator: NativeEmulator, printed: list[str]) -> None:
    """The error names the process that holds the port, and another port."""
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmulatorError) as error:
            emulator.start(port, printed.append)
    assert f"Port {port} is in use by process {os.getpid()}" in str(error.value)
    assert f"make up PORT={port + 1}" in str(error.value)


def test_a_failed_start_shows_the_log(
    emulator: NativeEmulator, printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of a start that fails has the end of the log."""
    monkeypatch.setenv("LAMBDA_RUNTIME_EXECUTOR", "process")
    monkeypatch.setattr(emulator, "_lambda_python", Path("/nowhere/python"))
    with pytest.raises(EmulatorError, match="/nowhere/python"):
        emulator.start(free_port(), printed.append)
    assert emulator.running() == []


def test_a_snapshot_is_restored(home: Path, tmp_path: Path) -> None:
    """After `down` and `up`, images and their renditions exist, and another is processed; another
    port is rejected; `reset` deletes the snapshot.
    """
    home.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "DARKROOM_HOME": str(home),
        "MODE": "native",
        "COMPOSE_PROJECT_NAME": "darkroom-test-of-no-container",
    }

    def run(*arguments: str, fails: bool = False) -> str:
        line = f"[ ! -f {home}/emulator.env ] || source {home}/emulator.env; {DARKROOM} $*"
        done = subprocess.run(
            ["bash", "-c", line, "-", *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert bool(done.returncode) == fails, done
        return done.stdout + done.stderr

    port = str(free_port())
    try:
        run("up", "--port", port)
        run("upload", str(SAMPLES / "raccoon.jpg"))
        assert "Its snapshot is in" in run("down")
        assert "An earlier snapshot is in" in run("down")

        assert f"make up PORT={port}" in run("up", "--port", str(free_port()), fails=True)
        again = run("up", "--port", port)
        assert "Restored the snapshot, with 1 image" in again
        assert "Nothing has changed" in again
        run("get", "raccoon.jpg", str(tmp_path / "out"))
        assert len([path for path in (tmp_path / "out").rglob("*") if path.is_file()]) == 3
        run("upload", str(SAMPLES / "flower.jpg"))
        assert "2 done" in run("status")
    finally:
        run("reset")
    assert not (home / "state").exists()
    assert of(home) == []


@pytest.mark.parametrize("persist", [True, False])
def test_a_snapshot_can_be_deleted(
    emulator: NativeEmulator,
    printed: list[str],
    persist: bool,  # noqa: FBT001
) -> None:
    """A process with persistence saves a snapshot when it stops; another one saves none."""
    one = NativeEmulator(emulator.home, persist=persist)
    one.start(free_port(), printed.append)
    one.stop()
    assert (one.snapshot_time() is not None) == persist
    assert one.delete_snapshot() == persist
    assert not one.state.exists()
