"""The machine's speed at a test session's start, and the time limits that follow from it.

A limit ends what hangs. It is far above what a test takes, and is stretched by the slowness: 1 on
a quiet machine, more on a slow or a busy one. The session's first process measures it, and the
processes that it starts read it from the environment.
"""

import os
import subprocess
import sys
import time

VARIABLE = "EMULATOR_TEST_SLOWNESS"
NIGHTLY = os.environ.get("TEST_PROFILE") == "nightly"
"""Whether all cases run, as `make test-all` does, instead of a sample."""

QUIET_SECONDS = 0.28
"""What the workload takes on two quiet cores of 2024."""


def slowness() -> float:
    """Return how many times longer work takes than on a quiet machine: 1 or more."""
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = f"{max(1.0, _workload() / QUIET_SECONDS):.2f}"
    return float(os.environ[VARIABLE])


def _workload() -> float:
    """Return the seconds for computing in two processes at once, as a session's workers do.

    One process would miss a load that leaves the session one of two cores.
    """
    command = [sys.executable, "-I", "-c", "for _ in range(10): sum(range(1_000_000))"]
    started = time.perf_counter()
    for process in [subprocess.Popen(command) for _ in range(2)]:
        process.wait()
    return time.perf_counter() - started


def limit(seconds: float) -> float:
    """Return a limit of so many seconds on a quiet machine."""
    return seconds * slowness()


LIMIT = limit(120)
"""Seconds until a condition that has not come true is a failure."""
