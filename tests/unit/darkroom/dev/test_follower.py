"""The process that prints the functions' logs beside `darkroom dev`."""

import subprocess
import sys
from typing import Any

import psutil
import pytest

from darkroom.dev import follower

FOLLOWER = """
import time
from darkroom.dev.follower import end_with_input
end_with_input()
print("follows", flush=True)
time.sleep(600)
"""

LOOP = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {FOLLOWER!r}], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


def test_it_ends_with_the_loop() -> None:
    """A loop that is killed can't end its follower, which ends all the same."""
    loop = subprocess.Popen([sys.executable, "-c", LOOP], stdout=subprocess.PIPE, text=True)
    with loop:
        assert loop.stdout
        follower = psutil.Process(int(loop.stdout.readline()))
        loop.kill()
    follower.wait(20)
    assert not follower.is_running()


def test_it_begins_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was logged before the loop began is not printed again."""
    started: list[list[str]] = []

    def popen(command: list[str], **named: Any) -> Any:
        assert named["stdin"] == subprocess.PIPE
        started.append(command)
        return subprocess.Popen([sys.executable, "-c", ""])

    monkeypatch.setattr(follower, "subprocess", _Like(popen))
    with follower.followed_logs("mine"):
        pass
    assert started == [
        [sys.executable, "-m", "darkroom.dev.follower", "logs", "--follow", "--since", "1s",
         "--stack", "mine"]
    ]  # fmt: skip


class _Like:
    """Stands for the module ``subprocess``."""

    PIPE = subprocess.PIPE

    def __init__(self, popen: Any) -> None:
        self.Popen = popen
