"""What ministack does otherwise than AWS, and which tests show it (differences.toml)."""

import fnmatch
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).with_name("differences.toml")


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which ministack is not like AWS."""

    name: str
    aws: str
    """What AWS does."""
    ministack: str
    """What ministack does."""
    found: str
    """How this is known."""
    tests: tuple[str, ...] = ()
    """Patterns of the ids, below tests/integration, of tests that it keeps from passing."""
    skipped: tuple[str, ...] = ()
    """Of those that are not even tried."""
    at_times: bool = False
    """Whether the tests pass at other times."""
    around: str = ""
    """What the tests do about it; empty if nothing."""

    def mark(self, test: str) -> pytest.MarkDecorator | None:
        """What a test is to be marked with; ``test`` is its id below tests/integration."""
        if any(fnmatch.fnmatchcase(test, each) for each in self.skipped):
            return pytest.mark.skip(reason=self.name)
        if any(fnmatch.fnmatchcase(test, each) for each in self.tests):
            return pytest.mark.xfail(reason=self.name, strict=not self.at_times)
        return None


def read(file: Path) -> tuple[Difference, ...]:
    """The differences that a file lists. Raises ``TypeError`` for one that is not whole."""
    lists = ("tests", "skipped")
    listed: list[dict[str, Any]] = tomllib.loads(file.read_text())["difference"]
    return tuple(
        Difference(**{**each, **{name: tuple(each.get(name, ())) for name in lists}})
        for each in listed
    )


DIFFERENCES = read(FILE)
