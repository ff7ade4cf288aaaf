"""Web pages that somebody happens to visit: they read, change and run nothing."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.profiles import sampled

from .attack import Case, cases_of
from .catalog import ATTACKS
from .harness import Harness
from .origins import Origin
from .report import row


def by_day() -> Iterator[Case]:
    """Yield each attack from that of its origins which the attacks before it have used least.

    ``make hostile-pages`` and the night have all.
    """
    used: Counter[Origin] = Counter()
    for attack in ATTACKS:
        origin = min(attack.origins, key=lambda each: used[each])
        used[origin] += 1
        yield Case(attack, origin)


@pytest.mark.parametrize("case", sampled(cases_of(ATTACKS), *by_day()), ids=lambda case: case.id)
def test_nothing_happens(harness: Harness, case: Case) -> None:
    """An attack has no effect, from wherever its page comes."""
    outcome = harness.hostile.run(case)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert not outcome.effect, row(outcome)
