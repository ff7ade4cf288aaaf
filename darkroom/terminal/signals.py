"""Signals that end a command in the same way as Ctrl-C."""

import signal


def interrupt_on_signals() -> None:
    """Make SIGINT and SIGTERM raise ``KeyboardInterrupt``.

    Shells start background jobs of scripts with SIGINT ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
