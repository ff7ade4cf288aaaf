"""An emulator with the deployed pipeline, for the time of a measurement."""

import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from darkroom.cloud import Cloud
from darkroom.emulator.endpoint import HOST
from darkroom.emulator.native import NativeEmulator
from darkroom.emulator.work_folder import emulator_lock
from localstack_init.build import PROJECT
from localstack_init.deploy import Deployment, deploy
from tests import guard

HOME = PROJECT / ".darkroom" / "bench" / "pipeline" / "emulator"
RUNTIME = "awslambdaric"
"""An argument of every function's process."""
OURS = "processor.handlers.process.handler"


@dataclass(frozen=True, slots=True)
class Emulated:
    """The emulator's process, and the deployed pipeline."""

    process: psutil.Process
    cloud: Cloud
    log: Path

    def processes(self) -> dict[psutil.Process, str]:
        """Return the processes of the emulator and the functions, with their kinds."""
        found = {self.process: "LocalStack"}
        for child in self.process.children(recursive=True):
            try:
                command = child.cmdline()
            except psutil.Error:
                continue  # it has ended
            if RUNTIME in command:
                found[child] = "function" if OURS in command else "plain function"
        return found

    def functions(self) -> dict[str, list[psutil.Process]]:
        """Return the processes of functions, by the modules of their handlers."""
        found: dict[str, list[psutil.Process]] = {}
        for child in self.process.children(recursive=True):
            with suppress(psutil.Error):  # it has ended
                command = child.cmdline()
                if RUNTIME in command:
                    found.setdefault(command[-1].split(".")[-2], []).append(child)
        return found


@contextmanager
def emulated(
    parameters: Mapping[str, str], say: Callable[[str], None] = print
) -> Iterator[Emulated]:
    """Start an emulator on a free port, and deploy the template with ``parameters``.

    Analyze is off by default: the emulator's networks use the measured processors, AWS's do not.
    Sets the environment of this process, and so boto3's endpoint. ``say`` prints progress.
    """
    emulator = NativeEmulator(HOME)
    # The emulator stops with this process: at the end of the block, or by the guard.
    guard.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by a signal."))
    with emulator_lock(HOME):
        emulator.stop()
        running = emulator.start(_free_port(), say)
        try:
            running.use()
            usual = Deployment.to_emulator(running.url)
            changed = replace(
                usual, parameters={**usual.parameters, "Analyze": "off", **parameters}
            )
            yield Emulated(running.process, Cloud(deploy(changed, say)), emulator.log)
        finally:
            emulator.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
