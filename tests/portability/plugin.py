"""Runs tests/integration against ministack: ``pytest -p tests.portability.plugin``."""

import json
import os
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .differences import DIFFERENCES
from .front_door import front_door
from .ministack import Ministack

OURS = ("emulator", "faults", "test_local_run.py", "test_ready_hook.py")
"""What is about our own emulator, or needs a hold of its processes."""

_started = pytest.StashKey[ExitStack]()
_ministack = pytest.StashKey[Ministack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start ministack, before the processes that run the tests, and lead all that is run to it."""
    if hasattr(config, "workerinput"):
        return
    stack = config.stash[_started] = ExitStack()
    folder = stack.enter_context(TemporaryDirectory(prefix="ministack-"))
    ministack = config.stash[_ministack] = Ministack(Path(folder))
    stack.callback(ministack.stop)
    ministack.wait_until_healthy()
    os.environ.update(ministack.environment())
    prefix = stack.enter_context(front_door(ministack.url))
    own = {"SiteUrlPrefix": prefix, "BrowserS3Endpoint": "", "Alarms": "off", "Variants": "off"}
    os.environ["TEST_PARAMETERS"] = json.dumps(own)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End ministack."""
    if _started in config.stash:
        config.stash[_started].close()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what is about our own emulator."""
    return True if collection_path.name in OURS else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect what is known to differ to fail, so that it is noticed once it does not."""
    for item in items:
        name = item.nodeid.removeprefix("tests/integration/")
        for difference in DIFFERENCES:
            if mark := difference.mark(name):
                item.add_marker(mark)


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None]:
    """Show the end of ministack's log after failures."""
    yield
    if terminalreporter.stats.keys() & {"failed", "error"} and _ministack in config.stash:
        terminalreporter.section("ministack's log, its end")
        terminalreporter.write_line(config.stash[_ministack].log_end())
