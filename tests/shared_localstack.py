"""One LocalStack for a whole test session: ``pytest -p tests.shared_localstack``.

The session's first process starts it before xdist's workers, which find it by their environment.
Stacks of tests have names of their own. Without this plugin, each process starts one when a test
needs it.
"""

import os
import shutil
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from .integration.localstack import PROJECT, LocalStack

VARIABLE = "DARKROOM_TEST_LOCALSTACK"
"""The folder, the port and the process of the shared LocalStack."""

FUNCTIONS_AT_ONCE = "80"
"""Invocations at a time: an account of its own has 20, and here several tests share one."""

FAILURES = PROJECT / ".darkroom" / "test-failures"

_started = pytest.StashKey[ExitStack]()


def shared() -> LocalStack | None:
    """Return the session's LocalStack, if there is a shared one."""
    if VARIABLE not in os.environ:
        return None
    root, port, pid = os.environ[VARIABLE].split("\n")
    return LocalStack(Path(root), int(port), psutil.Process(int(pid)))


@pytest.hookimpl(trylast=True)  # after the guard
def pytest_configure(config: pytest.Config) -> None:
    """Start it, unless another cloud is tested."""
    if hasattr(config, "workerinput") or "AWS_ENDPOINT_URL" in os.environ:
        return
    stack = config.stash[_started] = ExitStack()
    root = Path(stack.enter_context(TemporaryDirectory(prefix="localstack-")))
    localstack = stack.enter_context(
        LocalStack.started(root, LAMBDA_LIMITS_CONCURRENT_EXECUTIONS=FUNCTIONS_AT_ONCE)
    )
    os.environ[VARIABLE] = f"{root}\n{localstack.port}\n{localstack.process.pid}"


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None]:
    """Keep the log of a session with failures, and end LocalStack."""
    yield
    if _started in session.config.stash:
        with session.config.stash[_started]:
            if exitstatus and (localstack := shared()):
                FAILURES.mkdir(parents=True, exist_ok=True)
                shutil.copy(localstack.log, FAILURES)
            del os.environ[VARIABLE]
