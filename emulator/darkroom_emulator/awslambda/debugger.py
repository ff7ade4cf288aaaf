"""A debugger in functions: debugpy, which Python's IDEs attach to.

``EMULATOR_LAMBDA_DEBUG=name=port,…`` names functions and the port that each is to be debugged at.
The interpreter of functions (EMULATOR_LAMBDA_PYTHON) has to have debugpy. Such a function has one
environment at a time, so that each invocation comes by the breakpoints: the next ones wait for it.

Debuggers are told files by their paths, and code is unpacked to a new folder each time that it is
updated. So a runtime with a debugger runs from a copy that has the function's name, in the folder
EMULATOR_LAMBDA_DEBUG_FOLDER. (A link would not do: debugpy resolves them.)
"""

import functools
import logging
import os
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

LOG = logging.getLogger(__name__)

VARIABLE = "EMULATOR_LAMBDA_DEBUG"
HOST_VARIABLE = "EMULATOR_LAMBDA_DEBUG_HOST"
"""The address to listen at. In a container, loopback can't be published."""

FOLDER_VARIABLE = "EMULATOR_LAMBDA_DEBUG_FOLDER"
"""Where the copies are; without it, in the temporary folder."""

STRETCHED_SECONDS = 86_400.0
"""What a function is told of the time left while somebody debugs it."""

MEMORY_MIB = 256
"""What the debugger may use beside the function: about 60, and more with what is looked at."""

RELEASE_SECONDS = 5.0
"""How long a runtime that is being ended, to make room for new code, may keep the port."""

ESTABLISHED = "01"


class SettingError(Exception):
    """The setting can't be read; the message says what is expected."""


@dataclass
class Debugger:
    """A function's debugger: a port, held by one runtime at a time."""

    host: str
    port: int
    _held: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Held by the invocation that is under way."""

    def acquire(self) -> bool:
        """Take the port for a runtime; False if another has it, or another program."""
        if not self._held.acquire(timeout=RELEASE_SECONDS):
            return False
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.host, self.port))
            except OSError as error:
                LOG.warning("No debugger: port %d is taken (%s)", self.port, error)
                self._held.release()
                return False
        return True

    def release(self) -> None:
        """Give the port up: its runtime is dead."""
        self._held.release()

    def command(self, interpreter: str, handler: str) -> list[str]:
        """Return how a runtime is started with the debugger in it."""
        return [
            # The standard library's modules are frozen into Python, where breakpoints don't work.
            *(interpreter, "-Xfrozen_modules=off"),
            *("-m", "debugpy", "--listen", f"{self.host}:{self.port}"),
            *("-m", "awslambdaric", handler),
        ]

    def is_attached(self) -> bool:
        """Say whether somebody is connected to the port."""
        local = f":{self.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as file:
            lines = file.readlines()[1:]
        return any(
            address.endswith(local) and state == ESTABLISHED
            for _, address, _, state in (line.split()[:4] for line in lines)
        )


@functools.cache
def debuggers() -> dict[str, Debugger]:
    """Return the debuggers by the names of functions; raise SettingError."""
    host = os.environ.get(HOST_VARIABLE) or "127.0.0.1"
    found = {}
    for each in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, port = each.strip().partition("=")
        if not (name and port.isdecimal() and 0 < int(port) < 65536):
            raise SettingError(f"{VARIABLE} is to be name=port,…, and {each!r} is not.")
        found[name] = Debugger(host, int(port))
    return found


def debug_folder(temporary: Path) -> Path:
    """Return the folder that debugged functions run from."""
    return Path(os.environ.get(FOLDER_VARIABLE) or temporary / "lambda-debug")
