"""What differs in the other emulator: each has its reason, its tests and its line in the docs."""

from pathlib import Path

import pytest

from tests.portability.differences import DIFFERENCES, Difference

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs" / "portability.md").read_text()


def row(difference: Difference) -> str:
    """The line about it in the page's table."""
    cells = (difference.name, difference.aws, difference.ministack, difference.found)
    return f"| {' | '.join((*cells, difference.around or '-'))} |"


def test_the_page_lists_the_differences() -> None:
    """Its table has all of them, in their order, and no other."""
    begin = PAGE.index("\n| difference |") + 1
    table = PAGE[begin:].partition("\n\n")[0].splitlines()
    assert table[2:] == [row(each) for each in DIFFERENCES]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.name)
def test_a_difference_is_one_of_something(difference: Difference) -> None:
    """Tests show it, or something is done about it; the tests' files are there."""
    patterns = difference.tests + difference.skipped
    assert patterns or difference.around
    for pattern in patterns:
        file, _, name = pattern.partition("::")
        text = (PROJECT / "tests" / "integration" / file).read_text()
        assert f"def {name.partition('[')[0].rstrip('*')}(" in text


@pytest.mark.parametrize("folder", ["darkroom", "localstack_init", "processor", "emulator"])
def test_the_product_does_not_know_of_it(folder: str) -> None:
    """No code behaves otherwise because ministack is what it talks to."""
    for file in (PROJECT / folder).rglob("*.py"):
        assert "ministack" not in file.read_text().lower(), file
