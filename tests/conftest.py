"""What every test session does: it scales its limits, and leaves nothing running when it ends."""

import os
import signal
import threading

import pytest

from . import guard, profiles, speed


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Limit a test's time, and end all that this process starts with it: pytest, or xdist's worker.

    The limit ends a test that hangs without waiting for a condition.
    """
    os.environ.setdefault("PYTEST_TIMEOUT", f"{speed.limit(600):.0f}")
    if threading.current_thread() is threading.main_thread():
        # A script's background jobs begin without SIGINT, and so would all that tests interrupt.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    guard.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs at night only."""
    if not profiles.NIGHTLY:
        config.hook.pytest_deselected(items=[each for each in items if _is_nightly(each)])
        items[:] = [each for each in items if not _is_nightly(each)]


def _is_nightly(item: pytest.Item) -> bool:
    return item.get_closest_marker("nightly") is not None
