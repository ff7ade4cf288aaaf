"""A test session that is interrupted or killed: nothing of what it has started goes on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from darkroom.emulator.native import NativeEmulator
from tests.browser.chromium import NAMES
from tests.profiles import sampled

from .localstack import EMULATOR, PROJECT
from .waiting import goes_on, wait_for

SESSION = "tests/integration/interrupted.py"


def with_all_below(process: psutil.Process) -> set[psutil.Process]:
    """A process, and what it has started."""
    return {process, *process.children(recursive=True)}


def named(processes: set[psutil.Process], name: str) -> list[psutil.Process]:
    """Those that run a program of this name."""
    return [each for each in processes if any(name in word for word in each.cmdline()[:4])]


@pytest.mark.parametrize(
    ("workers", "whom", "number"),
    sampled(
        [
            (0, "group", signal.SIGINT),
            (1, "group", signal.SIGINT),
            (0, "pytest", signal.SIGTERM),
            (1, "pytest", signal.SIGTERM),
            (1, "pytest", signal.SIGKILL),
            (1, "worker", signal.SIGKILL),
        ],
        (1, "group", signal.SIGINT),
        (1, "worker", signal.SIGKILL),
    ),
)
def test_nothing_goes_on(tmp_path: Path, workers: int, whom: str, number: signal.Signals) -> None:
    """Ctrl-C, a polite end and a kill, of pytest or of xdist's worker, leave no emulator, function
    or browser of a test, no shared LocalStack, and no guard that waits for them.
    """
    command = [sys.executable, "-m", "pytest", "--numprocesses", str(workers), SESSION]
    command += ["-p", "tests.shared_localstack"]
    environment = {name: each for name, each in os.environ.items() if not name.startswith("AWS_")}
    environment["INTERRUPTED_FOLDER"] = str(tmp_path)
    with (tmp_path / "session.log").open("wb") as log:
        session = subprocess.Popen(
            [*command, "--max-worker-restart=0"],
            cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    started: set[psutil.Process] = set()
    try:

        def is_ready() -> bool:
            assert session.poll() is None, (tmp_path / "session.log").read_text()
            return (tmp_path / "worker").exists() and bool((tmp_path / "worker").read_text())

        wait_for(is_ready)
        started = with_all_below(psutil.Process(session.pid))
        for emulator in NativeEmulator(tmp_path).running():
            started |= with_all_below(emulator.process)
        assert len(named(started, EMULATOR.name)) == 2
        assert named(started, "supervisor.py")
        assert named(started, "guard.py")
        assert bool(named(started, "chrom")) == any(map(shutil.which, NAMES))

        if whom == "group":
            os.killpg(session.pid, number)
        else:
            pid = session.pid if whom == "pytest" else int((tmp_path / "worker").read_text())
            os.kill(pid, number)
        wait_for(lambda: session.poll() is not None)
        wait_for(lambda: not any(map(goes_on, started)))
    finally:
        for each in filter(goes_on, started):
            each.kill()
        session.kill()
        session.wait()
