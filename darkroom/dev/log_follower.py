"""The functions' logs beside the loop of ``darkroom dev``, printed by a child process.

Its standard input is a pipe without input. The system closes the pipe when the loop ends, also
after a kill, and the child ends then.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from darkroom.cloud import Cloud
from darkroom.operations.logs import LogFilter, stack_logs
from darkroom.terminal.console import console
from darkroom.terminal.error_report import reported_errors
from darkroom.terminal.log_lines import log_line

RECENT_SECONDS = 1.0
"""Age of the oldest line: earlier ones are not of interest to a new session."""


@contextmanager
def followed_logs(
    stack: str, start: Callable[..., subprocess.Popen[Any]] = subprocess.Popen
) -> Iterator[None]:
    """Print new lines of the functions' logs while the ``with`` block runs."""
    # In a process of its own, its errors do not end the loop.
    command = [sys.executable, "-m", __name__, stack]
    with start(command, stdin=subprocess.PIPE, start_new_session=True) as child:
        try:
            yield
        finally:
            child.terminate()


def end_with_input() -> None:
    """Exit when standard input is closed."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main(stack: str) -> None:
    """Print the logs of a stack until standard input is closed."""
    end_with_input()
    with reported_errors():
        for line in stack_logs(Cloud.find(stack), RECENT_SECONDS, LogFilter(), follow=True):
            console.print(log_line(line), soft_wrap=True)


if __name__ == "__main__":
    main(sys.argv[1])
