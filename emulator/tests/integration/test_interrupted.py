"""A test session that is interrupted or killed: nothing that it has started goes on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.speed import LIMIT, NIGHTLY

from .localstack import PROJECT
from .waiting import wait_for

SESSION = "tests/integration/interrupted.py"


ENDS = [(signal.SIGINT, "session"), (signal.SIGKILL, "worker")]
if NIGHTLY:
    ENDS += [(signal.SIGTERM, "session"), (signal.SIGKILL, "session")]


@pytest.mark.parametrize(("number", "target"), ENDS)
def test_nothing_goes_on(number: signal.Signals, target: str, tmp_path: Path) -> None:
    """LocalStack and its functions end with the session or worker that started them."""
    file = tmp_path / "started.json"
    session = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "--numprocesses",
            "1",
            "--max-worker-restart",
            "0",
            SESSION,
        ],
        cwd=PROJECT,
        env={**os.environ, "INTERRUPTED_FILE": str(file)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: session.poll() is not None or file.exists())
        pids = json.loads(file.read_text())
        processes = [psutil.Process(pid) for pid in pids["started"]]
        os.kill(session.pid if target == "session" else pids["worker"], number)
        _, alive = psutil.wait_procs(processes, timeout=LIMIT)
        assert alive == []
    finally:
        session.kill()
        session.wait()
