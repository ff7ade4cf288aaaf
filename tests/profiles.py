"""Two profiles of tests: a sample of the generated cases, and all of them at night.

``TEST_PROFILE=nightly`` (``make test-all``) has every schedule, kill and encoder's case; without it
a run has a fixed sample that meets each kind of them.
"""

import os
from collections.abc import Iterable

import pytest

NIGHTLY = os.environ.get("TEST_PROFILE") == "nightly"


def one_in(number: int) -> int:
    """Return the step by which to go through generated cases."""
    return 1 if NIGHTLY else number


def examples(number: int) -> int:
    """Return how many of a property's examples Hypothesis tries."""
    return number // one_in(8)


def sampled[T](cases: Iterable[T], *always: T) -> list[object]:
    """Return all cases as a test's parameters, of which only some are not marked as nightly."""
    cases = list(cases)
    assert set(always) <= set(cases)
    return [
        each
        if each in always
        else pytest.param(
            *(each if isinstance(each, tuple) else (each,)), marks=pytest.mark.nightly
        )
        for each in cases
    ]
