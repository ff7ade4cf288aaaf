"""The emulator as a plain process: starts that fail."""

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from darkroom.emulator.native import EmulatorProcess, NativeEmulator
from darkroom.errors import EmulatorError

Install = Callable[[str], NativeEmulator]

SERVER = f"""#!{sys.executable}
import http.server, os
print("busy", flush=True)
address = "127.0.0.1", int(os.environ["GATEWAY_LISTEN"].rpartition(":")[2])
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(STATUS)
        self.end_headers()
        self.wfile.write(b"not ready")
http.server.HTTPServer(address, Healthy).serve_forever()
"""


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Return a function that installs a program in the place of the emulator."""

    def make(text: str) -> NativeEmulator:
        emulator = NativeEmulator(tmp_path / "home", start_seconds=0.2)
        emulator.home.mkdir()
        emulator._program = tmp_path / "localstack-native"
        emulator._program.write_text(text)
        emulator._program.chmod(0o755)
        return emulator

    return make


@pytest.fixture
def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_start_that_hangs(install: Install, free_port: int) -> None:
    """The error has the end of the log, and does not advise to install again."""
    emulator = install("#!/bin/sh\necho loading >&2\nexec sleep 600\n")
    with pytest.raises(EmulatorError, match="does not respond") as failed:
        emulator.start(free_port, print)
    assert "make clean" not in str(failed.value)
    assert emulator.running() == []


def test_a_start_that_fails(install: Install, free_port: int) -> None:
    """The error has the emulator's own words, without waiting."""
    emulator = install("#!/bin/sh\necho No module named localstack\nexit 3\n")
    with pytest.raises(EmulatorError, match=r"status 3[^$]*No module named localstack"):
        emulator.start(free_port, print)


def test_progress_is_processor_time_and_log(tmp_path: Path) -> None:
    """A process makes progress while it computes, or while its log grows."""
    log = tmp_path / "emulator.log"
    process = EmulatorProcess(1, psutil.Process())
    before = process._progress(log)
    while process._progress(log) == before:
        pass
    log.write_text("ready\n")
    assert process._progress(log) >= before + 6


def test_a_server_becomes_healthy(install: Install, free_port: int) -> None:
    """The start ends when the server responds."""
    emulator = install(SERVER.replace("STATUS", "200"))
    emulator._start_seconds = 60.0
    process = emulator.start(free_port, print)
    assert process.is_healthy()
    assert emulator.log.read_text().startswith("busy\n")
    assert emulator.stop()


def test_a_server_that_only_responds_with_errors(
    install: Install, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start ends, though its requests have the process write to its log."""
    monkeypatch.setattr("darkroom.emulator.progress.ERROR_SECONDS", 0.5)
    emulator = install(SERVER.replace("STATUS", "500"))
    emulator._start_seconds = 60.0
    with pytest.raises(EmulatorError, match=r"responds with status 500 \(not ready\)"):
        emulator.start(free_port, print)
    assert emulator.running() == []
