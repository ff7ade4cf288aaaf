"""Benchmark of the emulator's start: processor time, time until it responds, and memory.

Starts the emulator of this checkout and that of another one in alternating rounds. A figure is the
median of the rounds; a ratio is this checkout's to the other's, in the same run.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

HERE = Path(__file__).parents[1]
ENVIRONMENTS = Path(".darkroom", "env")


@dataclass(frozen=True, slots=True)
class Start:
    """One start, up to the first response that lists the services."""

    cpu: float
    seconds: float
    mebibytes: float


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    programs = {"before": program_of(arguments.before), "now": program_of(HERE)}
    starts: dict[str, list[Start]] = {name: [] for name in programs}
    for number in range(arguments.rounds + 1):
        for name in programs if number % 2 else reversed(programs):
            start = measured(programs[name])
            if number:  # the first round fills caches
                starts[name].append(start)
    print(f"{'until it responds':<20} {'before':>9} {'now':>9} {'ratio':>7}")
    for field, unit in (("cpu", "s"), ("seconds", "s"), ("mebibytes", "MiB")):
        before, now = (
            statistics.median(getattr(each, field) for each in starts[name]) for name in programs
        )
        print(f"{field:<20} {before:6.2f} {unit:<3}{now:6.2f} {unit:<3}{now / before:6.2f}")


def program_of(checkout: Path) -> Path:
    """Return the program that starts a checkout's emulator."""
    scripts = checkout / ENVIRONMENTS / "emulator" / "bin"
    found = [*scripts.glob("localstack-native"), *scripts.glob("darkroom-emulator")]
    if not found:
        sys.exit(f"{checkout} has no emulator. Run `make install` there.")
    return found[0]


def measured(program: Path) -> Start:
    """Start the emulator in an empty folder, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "FILESYSTEM_ROOT": f"{folder}/files",
            "EMULATOR_CREDENTIALS_FILE": f"{folder}/credentials",
            "EMULATOR_LAMBDA_PYTHON": str(HERE / ENVIRONMENTS / "lambda" / "bin" / "python"),
        }
        began = time.perf_counter()
        with subprocess.Popen(
            [program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            while not responds(port):
                time.sleep(0.02)
            seconds = time.perf_counter() - began
            process = psutil.Process(child.pid)
            used = process.cpu_times()
            memory = process.memory_info().rss / 2**20
            child.terminate()
    return Start(used.user + used.system, seconds, memory)


def responds(port: int) -> bool:
    """Whether the emulator lists its services."""
    try:
        url = f"http://127.0.0.1:{port}/_localstack/health"
        return httpx.get(url, timeout=60, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
