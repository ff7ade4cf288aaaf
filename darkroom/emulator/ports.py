"""TCP ports of this machine: whether one is taken, and by which process."""

import socket

import psutil

from darkroom.emulator.endpoint import HOST
from darkroom.errors import EmulatorError


def check_port(port: int) -> None:
    """Raise ``EmulatorError`` if the port is taken."""
    if is_taken(port):
        raise EmulatorError(
            f"Port {port} is in use by {described(listener(port))}. Stop that process, or use "
            f"another port: `make up PORT={port + 1}`."
        )


def snapshot_port_error(saved: int, port: int) -> EmulatorError:
    """Return the error of a start on ``port`` with a snapshot of the port ``saved``."""
    return EmulatorError(
        f"The snapshot belongs to port {saved}, because its URLs contain that port. To restore it, "
        f"run `make up PORT={saved}`. To start without it, run `make up PORT={port} PERSIST=0`. To "
        "delete it, run `make reset`."
    )


def is_taken(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def described(process: psutil.Process | None) -> str:
    """Return the process ID and name; None is a process of another user."""
    return f"process {process.pid} ({process.name()})" if process else "another program"


def listener(port: int) -> psutil.Process | None:
    """Return the process that listens on the port, if this user may see it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for each in connections:
        if (
            each.status == psutil.CONN_LISTEN
            and each.laddr
            and each.laddr.port == port
            and each.pid
        ):
            return psutil.Process(each.pid)
    return None
