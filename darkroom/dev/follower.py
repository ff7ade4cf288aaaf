"""The functions' logs beside the loop, in a process of its own.

Its standard input is a pipe that nobody writes to. The system closes that when the loop ends,
however it does, and the follower ends with it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BEGINNING = "1s"
"""How far back to begin: who starts the loop wants to see what comes."""


@contextmanager
def followed_logs(stack: str) -> Iterator[None]:
    """Let the functions' logs be printed beside, from now on."""
    # A process of its own: what becomes of it is none of the loop's cares.
    command = [sys.executable, "-m", __name__, "logs", "--follow", "--since", BEGINNING]
    with subprocess.Popen(
        [*command, "--stack", stack], stdin=subprocess.PIPE, start_new_session=True
    ) as child:
        try:
            yield
        finally:
            child.terminate()


def end_with_input() -> None:
    """End this process when its standard input is closed."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    from darkroom.cli import main

    end_with_input()
    main()
