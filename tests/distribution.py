"""Distribution of the deployed tests to xdist's processes: ``pytest -p tests.distribution``.

A file's tests run in one process, and so do those of files that share a stack of their own, which
each process would deploy. The latter are begun first: they take longest.
"""

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

SHARE_A_STACK = (
    ("tests/integration/workflow/",),
    (
        "tests/integration/faults/test_edit_kills.py",
        "tests/integration/faults/test_kills.py",
        "tests/integration/faults/test_last_attempts.py",
        "tests/integration/faults/test_races.py",
        "tests/integration/faults/test_services.py",
    ),
    ("tests/browser/moderation/",),
    ("tests/permissions/test_flows.py", "tests/permissions/test_removals.py"),
)


class ByStack(LoadFileScheduling):  # type: ignore[misc]
    """Distributes tests by the stack that they share, or by file."""

    def _split_scope(self, nodeid: str) -> str:
        found = (group[0] for group in SHARE_A_STACK if nodeid.startswith(group))
        return next(found, super()._split_scope(nodeid))


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByStack:
    """Return the scheduler."""
    return ByStack(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(sum(SHARE_A_STACK, ())))
