"""What `darkroom dev --debug` looks at before it starts anything."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from darkroom.dev import debugger
from darkroom.dev.debugger import check_ports
from darkroom.emulator.instance import EmulatorError
from darkroom.emulator.modes import Mode

LISTEN = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the debuggers listen where nobody does; return the first one's port."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as two:
        ports = [each.getsockname()[1] for each in (one, two)]
    monkeypatch.setattr(debugger, "PROCESS_PORT", ports[0])
    monkeypatch.setattr(debugger, "API_PORT", ports[1])
    return int(ports[0])


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a process that runs for the function hold the first port."""
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "mine-process"}
    with subprocess.Popen(
        [sys.executable, "-c", LISTEN],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        monkeypatch.setattr(debugger, "PROCESS_PORT", int(process.stdout.readline()))
        yield


def test_free_ports() -> None:
    """Nothing is wrong where nobody listens."""
    check_ports("mine", None)


@pytest.mark.parametrize("mode", [None, "native"])
def test_a_port_that_is_taken(port: int, mode: Mode | None) -> None:
    """It is refused with the name of who holds it and of the function, also where an emulator runs
    that should have it; that of a container is its own.
    """
    with socket.create_server(("127.0.0.1", port)):
        said = rf"Port {port}, where the debugger of mine-process .* by process {os.getpid()} \("
        with pytest.raises(EmulatorError, match=said):
            check_ports("mine", mode)
        check_ports("mine", "docker")


@pytest.mark.usefixtures("function")
def test_the_port_of_a_running_debugger() -> None:
    """A function's own debugger may hold it, but not where no emulator is to be running."""
    check_ports("mine", "native")
    with pytest.raises(EmulatorError):
        check_ports("another", "native")
    with pytest.raises(EmulatorError):
        check_ports("mine", None)
