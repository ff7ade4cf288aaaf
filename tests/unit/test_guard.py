"""The guard of a process: it ends all programs that the process has started."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import guard
from tests.integration.waiting import goes_on, wait_for

PARENT = f"""
import os, signal, subprocess, sys
sys.path.insert(0, {str(Path(guard.__file__).parents[1])!r})
from tests import guard
before = subprocess.Popen(["sleep", "600"])
guard.start("touch", sys.argv[1])
plain = subprocess.Popen(["sleep", "600"])
hidden = subprocess.Popen(["sh", "-c", "sleep 600 & wait"], start_new_session=True)
stopped = subprocess.Popen(["sleep", "600"])
stopped.send_signal(signal.SIGSTOP)
explicit = subprocess.Popen(["/bin/sleep", "600"], env=guard.mark())
print(before.pid, plain.pid, hidden.pid, stopped.pid, explicit.pid, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_started_programs_end(tmp_path: Path, number: signal.Signals) -> None:
    """Programs in their own sessions, stopped ones and those with their own environment end with
    the process, whatever ends it; earlier programs continue; the last command runs after that.
    """
    last = tmp_path / "last"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(last)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with parent:
        assert parent.stdout
        pids = [int(word) for word in parent.stdout.readline().split()]
        before, *guarded = map(psutil.Process, pids)
        parent.send_signal(number)
    try:
        wait_for(last.exists)
        assert not any(map(goes_on, guarded))
        assert goes_on(before)
    finally:
        for each in filter(goes_on, (before, *guarded)):
            each.kill()
