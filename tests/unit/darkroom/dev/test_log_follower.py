"""The child process of `darkroom dev` that prints the functions' logs."""

import subprocess
import sys
from typing import Any

import psutil

from darkroom.dev.log_follower import followed_logs
from tests.speed import LIMIT

FOLLOWER = """
import time
from darkroom.dev.log_follower import end_with_input
end_with_input()
print("started", flush=True)
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
    """The follower of a loop that is killed ends too."""
    loop = subprocess.Popen([sys.executable, "-c", LOOP], stdout=subprocess.PIPE, text=True)
    with loop:
        assert loop.stdout
        follower = psutil.Process(int(loop.stdout.readline()))
        loop.kill()
    follower.wait(LIMIT)
    assert not follower.is_running()


def test_it_follows_the_stack() -> None:
    """The child gets the stack's name, and a pipe as its standard input."""
    started: list[list[str]] = []

    def start(command: list[str], **named: Any) -> Any:
        assert named["stdin"] == subprocess.PIPE
        started.append(command)
        return subprocess.Popen([sys.executable, "-c", ""])

    with followed_logs("mine", start):
        pass
    assert started == [[sys.executable, "-m", "darkroom.dev.log_follower", "mine"]]
