"""LocalStack's process: listening addresses, startup errors, and cleanup."""

import signal
import socket
from pathlib import Path

import psutil
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.speed import LIMIT

from .functions import Functions
from .localstack import REGION, LocalStack
from .waiting import wait_for

BUSY = """
import os, subprocess, sys, time
def handler(event, context):
    code = "import os, time; os.fork() and os._exit(0); time.sleep(600)"
    subprocess.run([sys.executable, "-c", code], start_new_session=True)
    if event: time.sleep(600)
"""


def listening(localstack: LocalStack) -> set[tuple[str, int]]:
    """Return the addresses that LocalStack and all below it listen on."""
    processes = [psutil.Process(localstack.process.pid), *localstack.processes()]
    return {
        (connection.laddr.ip, connection.laddr.port)
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
        or (connection.type == socket.SOCK_DGRAM and not connection.raddr)
    }


def has_ipv6() -> bool:
    """Return whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_everything_listens_on_loopback(emulator: LocalStack, functions: Functions) -> None:
    """With functions running, every listening socket is on loopback."""
    functions.make("def handler(event, context): pass").invoke()
    emulator.client("dynamodb").list_tables()
    addresses = listening(emulator)
    assert ("127.0.0.1", emulator.port) in addresses
    assert {ip for ip, _ in addresses} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["127.0.0.1", "127.0.0.2"], {"127.0.0.1", "127.0.0.2"}),
        pytest.param(
            ["127.0.0.1", "[::1]"],
            {"127.0.0.1", "::1"},
            marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here"),
        ),
    ],
)
def test_the_addresses_in_gateway_listen_are_used(
    own_root: Path, hosts: list[str], expected: set[str]
) -> None:
    """Each address in GATEWAY_LISTEN is listened on, and no other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listen = ",".join(f"{host}:{port}" for host in hosts)
    with LocalStack(own_root, GATEWAY_LISTEN=listen) as localstack:
        wait_for(lambda: "Ready." in localstack.log_text())
        assert listening(localstack) == {(ip, port) for ip in expected}


def test_a_used_port_ends_the_start(own_root: Path) -> None:
    """A port that is in use ends LocalStack with a message and an exit code."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with LocalStack(own_root, GATEWAY_LISTEN=f"127.0.0.1:{port}") as localstack:
            assert localstack.process.wait(LIMIT) == 1
            assert f"Can't listen on 127.0.0.1 port {port}" in localstack.log_text()


def test_addresses_without_localstacks_own_are_refused(own_root: Path) -> None:
    """Addresses without the one that LocalStack calls itself by are refused with a message."""
    with LocalStack(own_root, GATEWAY_LISTEN="127.0.0.2:45679") as localstack:
        assert localstack.process.wait(LIMIT) == 1
        assert "GATEWAY_LISTEN=127.0.0.2:45679 does not name 127.0.0.1" in localstack.log_text()


@pytest.mark.parametrize(
    ("python", "message"),
    [
        (None, "EMULATOR_LAMBDA_PYTHON is not set"),
        ("/nowhere/python", "EMULATOR_LAMBDA_PYTHON=/nowhere/python is not an executable file"),
        ("/bin/true", "EMULATOR_LAMBDA_PYTHON=/bin/true is not Python"),
    ],
)
def test_an_unusable_interpreter_ends_the_start(
    own_root: Path, python: str | None, message: str
) -> None:
    """Without a usable Python for functions, LocalStack logs an error and exits."""
    with LocalStack(own_root, EMULATOR_LAMBDA_PYTHON=python) as localstack:
        assert localstack.process.wait(LIMIT) == 1
        assert message in localstack.log_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(own_root: Path, number: signal.Signals) -> None:
    """After LocalStack's end, by SIGTERM or SIGKILL, no process and no file of a running or idle
    function is left.
    """
    with LocalStack(own_root) as localstack:
        localstack.wait_until_healthy()
        functions = Functions(localstack)
        functions.make(BUSY).invoke()
        busy = functions.make(BUSY, Timeout=60)
        alive = len(localstack.processes())
        with socket.create_connection(("127.0.0.1", localstack.port)) as connection:
            path = f"/2015-03-31/functions/{busy.name}/invocations"
            request = AWSRequest("POST", f"http://localhost{path}", {"Host": "localhost"}, b"1")
            key = Credentials(localstack.key.access_key, localstack.key.secret_key)
            SigV4Auth(key, "lambda", REGION).add_auth(request)
            lines = [f"{name}: {value}" for name, value in request.headers.items()]
            head = "\r\n".join([f"POST {path} HTTP/1.1", *lines, "Content-Length: 1"])
            connection.sendall(f"{head}\r\n\r\n1".encode())
            # supervisor, runtime and the process that it has orphaned, for each function
            wait_for(lambda: len(localstack.processes()) >= alive + 3)
            processes = localstack.processes()
            code = localstack.stop(number)
        assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
        wait_for(lambda: not any(process.is_running() for process in processes))
        assert list(own_root.glob("files/**/lambda-environments/*")) == []


def test_a_restart_after_a_kill(own_root: Path) -> None:
    """After a kill, LocalStack starts in the same folder and runs functions."""
    for _ in range(2):
        with LocalStack(own_root) as localstack:
            localstack.wait_until_healthy()
            function = Functions(localstack).make("def handler(event, context): return 1")
            assert function.invoke().payload == 1
            localstack.stop(signal.SIGKILL)
