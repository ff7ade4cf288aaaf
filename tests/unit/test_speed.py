"""Limits that follow from the machine's speed."""

import os

import pytest

from tests import speed


def test_limits_follow_from_the_slowness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that a session starts have the factor that it has measured."""
    monkeypatch.setenv(speed.VARIABLE, "3.5")
    assert speed.limit(10) == 35


@pytest.mark.parametrize(("seconds", "expected"), [(0.01, 1.0), (1.0, 1.0 / speed.QUIET_SECONDS)])
def test_a_fast_machine_has_the_same_limits(
    seconds: float, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first process measures once; the factor is 1 or more."""
    monkeypatch.delenv(speed.VARIABLE)
    monkeypatch.setattr(speed, "_workload", lambda: seconds)
    assert speed.slowness() == pytest.approx(expected, abs=0.01)
    assert float(os.environ[speed.VARIABLE]) == speed.slowness()
