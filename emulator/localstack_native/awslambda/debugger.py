"""Debugger ports: functions that run with debugpy, which Python IDEs attach to.

``EMULATOR_LAMBDA_DEBUG=name=port,…`` maps function names to ports. The functions' interpreter
(EMULATOR_LAMBDA_PYTHON) must have debugpy installed. A debugged function has one environment at a
time, so every invocation reaches the breakpoints and further invocations wait.

IDEs identify files by their paths, but each update unpacks code into a new folder. So a debugged
runtime runs from a copy with a fixed path: EMULATOR_LAMBDA_DEBUG_FOLDER/<function name>. (A
symbolic link does not work: debugpy resolves it.)
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
"""The listening address. A container can't publish a port on its loopback interface."""

FOLDER_VARIABLE = "EMULATOR_LAMBDA_DEBUG_FOLDER"
"""The folder of the copies; by default it is in the temporary folder."""

STRETCHED_SECONDS = 86_400.0
"""The remaining time that a function sees while a debugger is attached."""

MEMORY_MIB = 256
"""Memory for the debugger beside the function: it uses about 60, and more for inspected values."""

RELEASE_SECONDS = 5.0
"""How long to wait for the port of a runtime that an update is replacing."""

ESTABLISHED = "01"


class SettingError(Exception):
    """The setting is invalid; the message names the expected form."""


@dataclass
class Debugger:
    """A function's debugger port; one runtime holds it at a time."""

    host: str
    port: int
    _held: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Held by the running invocation."""

    def acquire(self) -> bool:
        """Take the port for a runtime; return False if a runtime or another program uses it."""
        if not self._held.acquire(timeout=RELEASE_SECONDS):
            return False
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.host, self.port))
            except OSError as error:
                LOG.warning("No debugger: port %d is in use (%s)", self.port, error)
                self._held.release()
                return False
        return True

    def release(self) -> None:
        """Release the port of a runtime that has ended."""
        self._held.release()

    def command(self, interpreter: str, handler: str) -> list[str]:
        """Return the command line of a runtime with the debugger in it."""
        return [
            # Breakpoints don't work in frozen modules, which the standard library's are.
            *(interpreter, "-Xfrozen_modules=off"),
            *("-m", "debugpy", "--listen", f"{self.host}:{self.port}"),
            *("-m", "awslambdaric", handler),
        ]

    def is_attached(self) -> bool:
        """Return whether a client is connected to the port."""
        local = f":{self.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as file:
            lines = file.readlines()[1:]
        return any(
            address.endswith(local) and state == ESTABLISHED
            for _, address, _, state in (line.split()[:4] for line in lines)
        )


@functools.cache
def debuggers() -> dict[str, Debugger]:
    """Return the debuggers by function name; raise SettingError."""
    host = os.environ.get(HOST_VARIABLE) or "127.0.0.1"
    found = {}
    for each in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, port = each.strip().partition("=")
        if not (name and port.isdecimal() and 0 < int(port) < 65536):
            raise SettingError(f"{VARIABLE} has the invalid part {each!r}. Use name=port,….")
        found[name] = Debugger(host, int(port))
    return found


def debug_folder(temporary: Path) -> Path:
    """Return the folder that debugged functions run from."""
    return Path(os.environ.get(FOLDER_VARIABLE) or temporary / "lambda-debug")
