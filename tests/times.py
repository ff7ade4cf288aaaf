"""Where a session's time goes: a table of its tests' seconds by folder (``make test TIMES=1``)."""

from collections import Counter, defaultdict
from operator import itemgetter
from pathlib import PurePosixPath

import pytest

DEPTH = 4
"""Folders in a name: tests/unit/processor/images."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it, as Markdown: set-up, call and tear-down, summed over all processes."""
    tests: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                file = PurePosixPath(report.nodeid.partition("::")[0])
                folder = "/".join(file.parent.parts[:DEPTH])
                tests[folder] += report.when == "call"
                seconds[folder] += report.duration
    terminalreporter.section("where the time goes")
    terminalreporter.write_line("| tests | number | seconds |\n|---|---|---|")
    for folder, total in sorted(seconds.items(), key=itemgetter(1), reverse=True):
        terminalreporter.write_line(f"| {folder} | {tests[folder]} | {total:.0f} |")
