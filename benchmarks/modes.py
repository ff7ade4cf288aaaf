"""Mode benchmark: the emulator as a plain process and as a container. Start, work and memory.

Rounds alternate between the modes; medians are printed. Needs an installation and a built image.
Memory is the processes' proportional set size (PSS). Linux only, and root for the container: its
processes are read from outside.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from darkroom.emulator.compose import SERVICE
from darkroom.emulator.native import NativeEmulator
from localstack_init.build import PROJECT
from tests import guard

DARKROOM = Path(sys.executable).with_name("darkroom")
PROJECT_NAME = "darkroom-bench"
MODES = ("native", "docker")


class Round:
    """One run of an emulator."""

    def __init__(self, mode: str, home: Path) -> None:
        self.mode = mode
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "COMPOSE_PROJECT_NAME": PROJECT_NAME,
            "DARKROOM_HOME": str(home),
            "MODE": mode,
            "PERSIST": "0",
        }
        self.home = home

    def measure(self) -> dict[str, float]:
        """Return the figures of one run, by name."""
        found: dict[str, float] = {}
        try:
            found["start and deployment (s)"] = timed(self.up)
            found["memory after the start (MB)"] = self.memory()
            found["demo, ten photographs (s)"] = timed(self.demo)
            found["PUT to entry, median (ms)"] = self.latency()
            found["memory with two warm functions (MB)"] = self.memory()
            found["second start, no changes (s)"] = timed(self.up)
        finally:
            found["stop (s)"] = timed(lambda: self.darkroom("reset"))
        return found

    def up(self) -> None:
        """Start the emulator."""
        self.darkroom("up", "--port", self.port)

    def demo(self) -> None:
        """Process the samples."""
        with tempfile.TemporaryDirectory() as out:
            self.shell(f"{DARKROOM} demo --out {out}")

    def latency(self) -> float:
        """Return the median of `make bench-latency` in milliseconds."""
        said = self.shell(f"{sys.executable} {PROJECT}/benchmarks/upload_to_done.py")
        (line,) = (line for line in said.splitlines() if "PUT to entry" in line)
        return float(line.split("median")[1].split()[0])

    def memory(self) -> float:
        """Return the megabytes of the emulator and its child processes."""
        if self.mode == "native":
            (running,) = NativeEmulator(self.home).running()
            first = running.process
        else:
            name = f"{PROJECT_NAME}-{SERVICE}-1"
            inspect = ["docker", "inspect", "--format", "{{.State.Pid}}", name]
            first = psutil.Process(int(subprocess.check_output(inspect, text=True)))
        family = [first, *first.children(recursive=True)]
        return sum(each.memory_full_info().pss for each in family) / 1e6

    def darkroom(self, *arguments: str) -> None:
        """Run a darkroom command."""
        self._run([str(DARKROOM), *arguments])

    def shell(self, line: str) -> str:
        """Run a line in a shell with the emulator's environment."""
        return self._run(["bash", "-c", f"source {self.home}/emulator.env; {line}"])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def timed(work: Callable[[], None]) -> float:
    """Return the seconds of a call."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each mode")
    rounds = parser.parse_args().rounds
    guard.start(*guard.remove_project(PROJECT_NAME))
    results: dict[str, list[dict[str, float]]] = {mode: [] for mode in MODES}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for mode in MODES:
                results[mode].append(Round(mode, Path(folder) / mode).measure())
    print(f"| medians of {rounds} | " + " | ".join(MODES) + " |")
    print("|---|" + "---|" * len(MODES))
    for what in results["native"][0]:
        medians = (statistics.median(each[what] for each in results[mode]) for mode in MODES)
        print(f"| {what} | " + " | ".join(f"{value:.3g}" for value in medians) + " |")


if __name__ == "__main__":
    main()
