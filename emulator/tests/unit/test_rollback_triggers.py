"""The monitoring period of rollback triggers."""

import threading
import time
from typing import Any

import pytest

from localstack_native.cloudformation.rollback_triggers import Monitor, OperationStoppedError

TRIGGER: Any = {"Arn": "arn:aws:cloudwatch:us-east-1:0:alarm:a", "Type": "AWS::CloudWatch::Alarm"}


class Clock:
    """A clock that a wait moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, bad_after: float = 1e9) -> None:
        self.now, self.looks, self.bad_after = 0.0, 0, bad_after
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(threading.Event, "wait", self.wait)
        monkeypatch.setattr(Monitor, "_state", self.state)

    def wait(self, seconds: float) -> None:
        """Pass the time."""
        self.now += seconds

    def state(self, _arn: str) -> str:
        """Return the alarm's state."""
        self.looks += 1
        return "ALARM" if self.now >= self.bad_after else "OK"


def monitor() -> Monitor:
    """Return a monitor of one alarm for two minutes."""
    return Monitor("0", {"RollbackTriggers": [TRIGGER], "MonitoringTimeInMinutes": 2})


def test_the_period_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm is looked at until the period is over, and the operation continues then."""
    clock = Clock(monkeypatch)
    monitor().watch()
    assert clock.now == 120
    assert clock.looks > 120


def test_an_alarm_ends_the_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm in the last seconds stops the operation."""
    clock = Clock(monkeypatch, bad_after=119)
    with pytest.raises(OperationStoppedError, match="is in ALARM state"):
        monitor().watch()
    assert clock.now == 119
