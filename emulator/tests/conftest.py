"""Settings of every test session."""

import os
import signal

import pytest

from . import speed


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Scale a test's time limit, and accept Ctrl-C, as background jobs of scripts do not."""
    os.environ.setdefault("PYTEST_TIMEOUT", f"{speed.limit(600):.0f}")
    signal.signal(signal.SIGINT, signal.default_int_handler)
