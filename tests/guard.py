"""Ends what a test session or a benchmark has started and could not end, however it ends itself.

``start`` marks the environment of this process, which every program that it starts inherits, and
starts the guard: this file as a program, in a session of its own, which no Ctrl-C reaches. The
guard waits until the process is gone, be it by SIGKILL, and then ends all that carries the mark:
SIGTERM first, so that emulators end their functions, and SIGKILL for what is left.
"""

import os
import select
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

VARIABLE = "DARKROOM_GUARDED_BY"
PATIENCE_SECONDS = 20.0
POLL_SECONDS = 0.1


def start(*last_command: str) -> None:
    """Guard this process from now on; ``last_command`` is run at the end, with nothing left."""
    mark = f"{os.getpid()}-{uuid.uuid4().hex}"
    unmarked = {name: value for name, value in os.environ.items() if name != VARIABLE}
    subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(os.getpid()), mark, *last_command],
        env=unmarked, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.environ[VARIABLE] = mark


def remove_project(name: str) -> list[str]:
    """Return a last command: remove a Compose project's container, network and volume."""
    file = Path(__file__).parents[1] / "docker-compose.yml"
    project = ["docker", "compose", "--file", str(file), "--project-name", name]
    return [*project, "down", "--volumes", "--remove-orphans"]


def mark() -> dict[str, str]:
    """Return what the environment of a program needs that does not inherit this process's."""
    return {name: value for name, value in os.environ.items() if name == VARIABLE}


def carriers(mark: str) -> list[int]:
    """Return the ids of the processes that were started with the mark."""
    wanted = f"{VARIABLE}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended, or is another user's
    return found


def wait_for_end(pid: int) -> None:
    """Return when a process is gone, or has become a zombie."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    if os.getppid() == pid:  # else it has ended, and another has its id
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        poller.poll()
    os.close(descriptor)


def end(mark: str) -> None:
    """End all that carries the mark, and what that starts meanwhile."""
    told: set[int] = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    looks_at_nothing = 0
    while looks_at_nothing < 2:  # between fork and exec, a process has no mark yet
        left = carriers(mark)
        looks_at_nothing = 0 if left else looks_at_nothing + 1
        for pid in left:
            number = signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL
            if number == signal.SIGKILL or pid not in told:
                signal_process(pid, number)
        told.update(left)
        time.sleep(POLL_SECONDS)


def signal_process(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, which may have ended."""
    try:
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)  # a stopped one would not notice
    except OSError:
        pass


if __name__ == "__main__":
    parent, its_mark, *command = sys.argv[1:]
    wait_for_end(int(parent))
    end(its_mark)
    if command:
        subprocess.run(command, check=False)
