"""Settings of every test session."""

import os
import signal
from collections.abc import Generator

import pytest

from . import speed


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Scale a test's time limit, and accept Ctrl-C, as background jobs of scripts do not."""
    os.environ.setdefault("PYTEST_TIMEOUT", f"{speed.limit(600):.0f}")
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Undo what an import of LocalStack does to the environment: httpx can't read its no_proxy."""
    before = os.environ.get("no_proxy")
    collected = yield
    os.environ.pop("no_proxy", None)
    if before is not None:
        os.environ["no_proxy"] = before
    return collected
