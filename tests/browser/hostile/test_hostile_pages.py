"""Web pages that somebody happens to visit: they read, change and run nothing."""

import pytest

from .attack import Case, cases_of
from .catalog import ATTACKS
from .harness import Harness
from .report import row


@pytest.mark.parametrize("case", cases_of(ATTACKS), ids=lambda case: case.id)
def test_nothing_happens(harness: Harness, case: Case) -> None:
    """An attack has no effect, from wherever its page comes."""
    outcome = harness.hostile.run(case)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert not outcome.effect, row(outcome)
