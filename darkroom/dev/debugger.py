"""Debuggers in the emulator's functions, which an IDE attaches to (``DEBUG=1``)."""

import os
import subprocess
from typing import NamedTuple

import boto3
import psutil
from botocore.config import Config

from darkroom.emulator.compose import SERVICE
from darkroom.emulator.modes import Mode
from darkroom.emulator.native import NativeEmulator
from darkroom.emulator.ports import described, is_taken, listener
from darkroom.errors import EmulatorError
from localstack_init.build import PROJECT

SETTING = "EMULATOR_LAMBDA_DEBUG"
FOLDER = "EMULATOR_LAMBDA_DEBUG_FOLDER"


class Ports(NamedTuple):
    """The debuggers' ports, named as the functions' suffixes."""

    process: int = 5678
    api: int = 5679

    def by_function(self, stack: str) -> dict[str, int]:
        """Return the port of each function of a stack."""
        return {f"{stack}-{name}": port for name, port in self._asdict().items()}


PORTS = Ports()


def enable(stack: str) -> None:
    """Set the environment of an emulator started later to run the functions with a debugger."""
    ports = PORTS.by_function(stack)
    os.environ[SETTING] = ",".join(f"{name}={port}" for name, port in ports.items())
    os.environ[FOLDER] = str(PROJECT / ".darkroom" / "debug")
    os.environ["COMPOSE_FILE"] = "docker-compose.yml:docker-compose.debug.yml"


def addresses(stack: str) -> str:
    """Return the debuggers' addresses, each with its function."""
    ports = PORTS.by_function(stack)
    return ", ".join(f"127.0.0.1:{port} ({name})" for name, port in ports.items())


def check_running(mode: Mode) -> None:
    """Raise ``EmulatorError`` if the running emulator has no debugger."""
    if mode == "native":
        running = NativeEmulator().running()
        has_debugger = all(SETTING in each.process.environ() for each in running)
    else:
        command = ["docker", "compose", "exec", "--no-TTY", SERVICE, "printenv", SETTING]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
        has_debugger = done.returncode == 0
    if not has_debugger:
        raise EmulatorError(
            "The emulator runs without debuggers. Run `make down`, then `make dev DEBUG=1`."
        )


def check_ports(stack: str, mode: Mode | None, ports: Ports = PORTS) -> None:
    """Raise ``EmulatorError`` if another program holds a debugger's port.

    ``mode`` is that of the emulator that already runs with debuggers; None if none runs.
    """
    if mode == "docker":
        return  # the ports are the container's
    for function, port in ports.by_function(stack).items():
        if not is_taken(port):
            continue
        holder = listener(port)
        if mode and (holder is None or _is_of(holder, function)):
            continue
        raise EmulatorError(
            f"Port {port} of {function}'s debugger is in use by {described(holder)}. Stop that "
            "process, then run `make dev DEBUG=1` again."
        )


def start_functions(stack: str) -> None:
    """Invoke the functions without work, which starts the processes that debuggers attach to."""
    # A function held at a breakpoint does not respond, and nothing waits for it.
    config = Config(read_timeout=900, retries={"total_max_attempts": 1})
    client = boto3.client("lambda", config=config)
    for function in PORTS.by_function(stack):
        client.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"Records": []}')


def _is_of(process: psutil.Process, function: str) -> bool:
    """Whether a process runs for a function; its debug adapter does too, without a parent."""
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == function
    except psutil.Error:
        return False
