"""What every test session does: it leaves nothing running, however it ends."""

import signal
import threading

from . import guard


def pytest_configure() -> None:
    """Have all that this process starts ended with it: a run of pytest, or a worker of xdist."""
    if threading.current_thread() is threading.main_thread():
        # A script's background jobs begin without SIGINT, and so would all that tests interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    guard.start()
