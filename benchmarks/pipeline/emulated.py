"""An emulator that is started for a measurement, with the pipeline in it, and ended after it."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from darkroom.cloud import Cloud
from darkroom.emulator.instance import HOST, alone
from darkroom.emulator.native import NativeEmulator
from localstack_init.build import PROJECT
from localstack_init.deploy import Deployment, deploy
from tests import guard

HOME = PROJECT / ".darkroom" / "bench" / "pipeline" / "emulator"
RUNTIME = "awslambdaric"
"""Part of the command of every function's process."""
OURS = "processor.handlers.process.handler"


@dataclass(frozen=True, slots=True)
class Emulated:
    """The emulator's process, and the pipeline."""

    process: psutil.Process
    cloud: Cloud
    log: Path

    def processes(self) -> dict[psutil.Process, str]:
        """The emulator's own process and those of functions, each with what it is."""
        found = {self.process: "LocalStack"}
        for child in self.process.children(recursive=True):
            try:
                command = child.cmdline()
            except psutil.Error:
                continue  # it has ended
            if RUNTIME in command:
                found[child] = "function" if OURS in command else "plain function"
        return found

    def functions(self) -> list[psutil.Process]:
        """The processes of functions."""
        return [each for each in self.processes() if each.pid != self.process.pid]


@contextmanager
def emulated(
    parameters: Mapping[str, str], tell: Callable[[str], None] = print
) -> Iterator[Emulated]:
    """Start an emulator of its own on a free port, and deploy the template with ``parameters``.

    Nothing is asked of Rekognition unless they say so: here its networks take the processors that
    are measured, on AWS they don't. Leads boto3 there: the environment of this process is changed.
    ``tell`` hears of each resource.
    """
    emulator = NativeEmulator(HOME)
    # Whatever ends this process ends the emulator: politely here, and by the guard else.
    guard.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by a signal."))
    with alone(HOME):
        emulator.stop()
        running = emulator.start(_free_port(), tell)
        try:
            for name in [each for each in os.environ if each.startswith("AWS_")]:
                del os.environ[name]
            os.environ.update(running.environment())
            usual = Deployment.to_emulator(running.url)
            changed = replace(
                usual, parameters={**usual.parameters, "Analyze": "off", **parameters}
            )
            yield Emulated(running.process, Cloud(deploy(changed, tell)), emulator.log)
        finally:
            emulator.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
