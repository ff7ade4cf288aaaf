"""``DEBUG=1``: the emulator's functions with a debugger that an IDE attaches to."""

import os
import subprocess

import boto3
import psutil
from botocore.config import Config

from darkroom.emulator.compose import SERVICE
from darkroom.emulator.instance import (
    EmulatorError,
    is_taken,
    listener,
    named,
)
from darkroom.emulator.modes import Mode
from darkroom.emulator.native import NativeEmulator
from localstack_init.build import PROJECT

PROCESS_PORT, API_PORT = 5678, 5679

SETTING = "EMULATOR_LAMBDA_DEBUG"
FOLDER = "EMULATOR_LAMBDA_DEBUG_FOLDER"


def ask_for_debugger(stack: str) -> None:
    """Have an emulator that is started from here run the functions with a debugger."""
    os.environ[SETTING] = f"{stack}-process={PROCESS_PORT},{stack}-api={API_PORT}"
    os.environ[FOLDER] = str(PROJECT / ".darkroom" / "debug")
    os.environ["COMPOSE_FILE"] = "docker-compose.yml:docker-compose.debug.yml"


def check_debugger(mode: Mode) -> None:
    """Raise ``EmulatorError`` if an emulator runs that has no debugger."""
    if mode == "native":
        running = NativeEmulator().running()
        has_one = all(SETTING in each.process.environ() for each in running)
    else:
        asked = ["docker", "compose", "exec", "--no-TTY", SERVICE, "printenv", SETTING]
        done = subprocess.run(asked, cwd=PROJECT, capture_output=True, check=False)
        has_one = done.returncode == 0
    if not has_one:
        raise EmulatorError(
            "The emulator runs without a debugger. `make down`, and then `make dev DEBUG=1`."
        )


def check_ports(stack: str, mode: Mode | None) -> None:
    """Raise ``EmulatorError`` if a debugger could not listen: its port is another program's.

    ``mode`` is that of the emulator that runs with a debugger already; None if none does.
    """
    if mode == "docker":
        return  # the ports are its own, and published by somebody else
    for port, function in ((PROCESS_PORT, f"{stack}-process"), (API_PORT, f"{stack}-api")):
        if not is_taken(port):
            continue
        holder = listener(port)
        if mode and (holder is None or _is_of(holder, function)):
            continue
        raise EmulatorError(
            f"Port {port}, where the debugger of {function} would listen, is taken by "
            f"{named(holder)}. End it, and then `make dev DEBUG=1` again."
        )


def _is_of(process: psutil.Process, function: str) -> bool:
    """Whether a process runs for a function, be it as its debugger, which has no parent then."""
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == function
    except psutil.Error:
        return False


def wake(function: str) -> None:
    """Have a process of the function, for the debugger to attach to."""
    # Held at a breakpoint, it does not answer; nobody waits for that.
    config = Config(read_timeout=900, retries={"total_max_attempts": 1})
    boto3.client("lambda", config=config).invoke(
        FunctionName=function, InvocationType="Event", Payload=b'{"Records": []}'
    )
