"""LocalStacks for a whole test session: ``pytest -p tests.shared_localstack``.

The session's first process starts one for each core before xdist's workers, which share them and
find them by their environment: one Python process uses one core. Stacks of tests have names of
their own. Without this plugin, each process starts one when a test needs it.
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

COUNT = 2
VARIABLE = "DARKROOM_TEST_LOCALSTACKS"
"""The folder, the port and the process of each shared LocalStack, a line each."""

FAILURES = PROJECT / ".darkroom" / "test-failures"

_started = pytest.StashKey[ExitStack]()


def shared() -> LocalStack | None:
    """Return this process's LocalStack, if there are shared ones."""
    found = _all()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return found[int(worker) % len(found)] if found else None


def _all() -> list[LocalStack]:
    lines = os.environ.get(VARIABLE, "").splitlines()
    described = [line.split("\t") for line in lines]
    return [
        LocalStack(Path(root), int(port), psutil.Process(int(pid))) for root, port, pid in described
    ]


@pytest.hookimpl(trylast=True)  # after the guard
def pytest_configure(config: pytest.Config) -> None:
    """Start them, unless another cloud is tested."""
    if hasattr(config, "workerinput") or "AWS_ENDPOINT_URL" in os.environ:
        return
    stack = config.stash[_started] = ExitStack()
    lines = []
    for _ in range(COUNT):
        root = Path(stack.enter_context(TemporaryDirectory(prefix="localstack-")))
        localstack = stack.enter_context(LocalStack.started(root))
        lines.append(f"{root}\t{localstack.port}\t{localstack.process.pid}")
    os.environ[VARIABLE] = "\n".join(lines)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None]:
    """Keep the logs of a session with failures, and end LocalStack."""
    yield
    if _started in session.config.stash:
        with session.config.stash[_started]:
            if exitstatus:
                FAILURES.mkdir(parents=True, exist_ok=True)
                for number, localstack in enumerate(_all()):
                    shutil.copy(localstack.log, FAILURES / f"localstack-{number}.log")
            del os.environ[VARIABLE]
