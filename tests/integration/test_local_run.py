"""Starting, finding again and ending the emulator of a checkout: what `make up` and `down` do."""

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

from darkroom.emulator.instance import (
    HOST,
    EmulatorError,
    alone,
)
from darkroom.emulator.native import (
    NativeEmulator,
    Running,
    end,
)
from tests.deployed import SAMPLES

from .localstack import free_port

DARKROOM = Path(sys.executable).with_name("darkroom")


@pytest.fixture
def said() -> list[str]:
    """Give the lines that a person would have seen."""
    return []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a work folder of the test's own."""
    return tmp_path / "home"


@pytest.fixture
def emulator(home: Path) -> Iterator[NativeEmulator]:
    """Give the emulator of that folder; nothing of it is left afterwards."""
    home.mkdir()
    emulator = NativeEmulator(home)
    yield emulator
    emulator.stop()
    assert of(home) == []


def of(home: Path) -> list[psutil.Process]:
    """All processes that belong to a work folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(home) in value for value in process.environ().values()):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.pid != os.getpid()]


def test_the_command_line_starts_and_stops_it(home: Path) -> None:
    """`up` deploys, says where things are, and can be repeated; `down` leaves nothing running."""
    home.mkdir()
    # A shell that is logged in elsewhere, behind a proxy that nothing here may ask.
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
            env=environment, capture_output=True, text=True, timeout=90, check=False,
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
        assert f"Commands go to http://127.0.0.1:{port}." in status.stdout, status
        assert "Queue: 0 waiting" in status.stdout
        again = run("up", "--port", port)
        assert "runs already" in again
        assert "Nothing has changed" in again
    finally:
        stopped = run("down")
    assert "stopped" in stopped
    assert "It ran with PERSIST=0: what it held is gone." in stopped
    assert "kept" not in stopped
    assert of(home) == []
    assert "No emulator was running" in run("down")


def test_recovers(emulator: NativeEmulator, home: Path, said: list[str]) -> None:
    """A killed emulator and a lost work folder: `start` mends each, and `stop` finds it."""
    port = free_port()
    first = emulator.start(port, said.append)
    assert first.is_healthy()
    assert emulator.log.stat().st_mode & 0o777 == 0o600

    end(first.process)
    assert emulator.running() == []
    second = emulator.start(port, said.append)
    assert second.is_healthy()
    assert second != first

    shutil.rmtree(home)
    third = emulator.start(port, said.append)
    assert third.is_healthy()
    assert not second.is_alive()
    assert "has lost its work folder" in said[-1]

    with pytest.raises(EmulatorError, match=f"runs on port {port} already"):
        emulator.start(free_port(), said.append)

    shutil.rmtree(home)
    assert emulator.stop() is True
    assert not third.is_alive()


def test_copied_and_moved_folders(
    emulator: NativeEmulator, home: Path, tmp_path: Path, said: list[str]
) -> None:
    """The emulator of a folder is neither found nor ended by way of a copy; where the folder is
    moved, it is found there, and started again.
    """
    port = free_port()
    first = emulator.start(port, said.append)
    shutil.copytree(home, tmp_path / "copy")
    copy = NativeEmulator(tmp_path / "copy")
    assert copy.running() == []
    assert copy.stop() is False
    with pytest.raises(EmulatorError, match=f"Port {port} is taken by process {first.process.pid}"):
        copy.start(port, said.append)
    assert first.is_healthy()

    home.rename(tmp_path / "moved")
    moved = NativeEmulator(tmp_path / "moved")
    assert emulator.running() == []
    second = moved.start(port, said.append)
    assert not first.is_alive()
    assert moved.running() == [second]
    assert moved.stop() is True


def test_the_emulator_of_another_checkout(
    emulator: NativeEmulator, home: Path, tmp_path: Path, said: list[str]
) -> None:
    """Where two checkouts are given one work folder, neither ends what the other has started."""
    first = emulator.start(free_port(), said.append)
    other = NativeEmulator(home)
    other._program = tmp_path / "other" / emulator._program.name
    assert other.running() == []
    for act in (other.stop, other.forget, lambda: other.start(free_port(), said.append)):
        with pytest.raises(EmulatorError, match=f"Another checkout's emulator uses {home}"):
            act()
    assert first.is_healthy()


def test_an_emulator_that_does_not_answer_is_started_anew(
    emulator: NativeEmulator, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that stands still, or was left half-started, is ended and replaced."""
    port = free_port()
    first = emulator.start(port, said.append)
    monkeypatch.setattr("darkroom.emulator.native.START_SECONDS", 20.0)
    monkeypatch.setattr("darkroom.emulator.native.STOP_SECONDS", 2.0)
    first.process.suspend()
    second = emulator.start(port, said.append)
    assert second.is_healthy()
    assert "does not answer" in said[-1]
    assert not first.is_alive()


def test_two_starts_at_once(emulator: NativeEmulator, said: list[str]) -> None:
    """The second start waits for the first, and finds its emulator."""
    port = free_port()

    def start() -> Running:
        other = NativeEmulator(emulator.home)
        with alone(emulator.home):
            return other.start(port, said.append)

    with ThreadPoolExecutor() as pool:
        starts = [pool.submit(start) for _ in range(2)]
        first, second = (each.result() for each in starts)
    assert first == second
    assert said == [f"The emulator runs already, as process {first.process.pid}"]


def test_listens_on_loopback_alone(emulator: NativeEmulator, said: list[str]) -> None:
    """No address of the emulator or of what it starts can be reached from another machine."""
    process = emulator.start(free_port(), said.append).process
    family = {process.pid, *(child.pid for child in process.children(recursive=True))}
    addresses = [
        each.laddr.ip  # type: ignore[union-attr]
        for each in psutil.net_connections("inet")
        if each.pid in family and each.status == psutil.CONN_LISTEN
    ]
    assert addresses
    assert set(addresses) == {HOST}


def test_a_taken_port_is_explained(emulator: NativeEmulator, said: list[str]) -> None:
    """The message names who has the port, and a way out."""
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(EmulatorError) as error:
            emulator.start(port, said.append)
    assert f"Port {port} is taken by process {os.getpid()}" in str(error.value)
    assert f"make up PORT={port + 1}" in str(error.value)


def test_a_failed_start_shows_the_log(
    emulator: NativeEmulator, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the emulator ends while starting, the end of its log says why."""
    monkeypatch.setenv("LAMBDA_RUNTIME_EXECUTOR", "process")
    monkeypatch.setattr(emulator, "_lambda_python", Path("/nowhere/python"))
    with pytest.raises(EmulatorError, match="/nowhere/python"):
        emulator.start(free_port(), said.append)
    assert emulator.running() == []


@pytest.mark.timeout(300)
def test_what_it_holds_survives(home: Path, tmp_path: Path) -> None:
    """After `down` and `up`, pictures and their renditions are there, and another is processed;
    another port is refused; `reset` forgets all.
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
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert bool(done.returncode) == fails, done
        return done.stdout + done.stderr

    port = str(free_port())
    try:
        run("up", "--port", port)
        run("upload", str(SAMPLES / "raccoon.jpg"))
        assert "What it held is kept in" in run("down")
        assert "What was saved before is kept in" in run("down")

        assert f"make up PORT={port}" in run("up", "--port", str(free_port()), fails=True)
        again = run("up", "--port", port)
        assert "1 picture was kept from the last time" in again
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
def test_what_is_kept_can_be_forgotten(
    emulator: NativeEmulator,
    said: list[str],
    persist: bool,  # noqa: FBT001
) -> None:
    """A process that persists leaves its state when it ends, until that is forgotten; another one
    leaves none.
    """
    one = NativeEmulator(emulator.home, persist=persist)
    one.start(free_port(), said.append)
    one.stop()
    assert one.is_kept() == persist
    assert one.forget() == persist
    assert not one.state.exists()
