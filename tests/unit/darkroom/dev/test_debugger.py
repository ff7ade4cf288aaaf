"""The checks of `darkroom dev --debug` before it starts anything."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from darkroom.dev.debugger import Ports, check_ports
from darkroom.emulator.modes import Mode
from darkroom.errors import EmulatorError

LISTEN = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    input()
"""


@pytest.fixture
def ports() -> Ports:
    """Return two free ports."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("", 0)) as two:
        return Ports(*(each.getsockname()[1] for each in (one, two)))


@pytest.fixture
def function_port() -> Iterator[int]:
    """Yield a port that a process of the function `mine-process` holds."""
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "mine-process"}
    with subprocess.Popen(
        [sys.executable, "-c", LISTEN],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        yield int(process.stdout.readline())


def test_free_ports(ports: Ports) -> None:
    """Free ports raise no error."""
    check_ports("mine", None, ports)


@pytest.mark.parametrize("mode", [None, "native"])
def test_a_taken_port(ports: Ports, mode: Mode | None) -> None:
    """The error names the port, the function and the process, with a running native emulator too;
    the ports of a container are its own.
    """
    with socket.create_server(("127.0.0.1", ports.process)):
        message = (
            rf"Port {ports.process} of mine-process's debugger is in use by process "
            rf"{os.getpid()} \("
        )
        with pytest.raises(EmulatorError, match=message):
            check_ports("mine", mode, ports)
        check_ports("mine", "docker", ports)


def test_the_port_of_a_running_debugger(ports: Ports, function_port: int) -> None:
    """A function's debugger may hold its port, but only while an emulator runs."""
    ports = ports._replace(process=function_port)
    check_ports("mine", "native", ports)
    with pytest.raises(EmulatorError):
        check_ports("another", "native", ports)
    with pytest.raises(EmulatorError):
        check_ports("mine", None, ports)
