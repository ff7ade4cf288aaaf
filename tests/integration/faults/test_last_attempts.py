"""The function dies in the last attempt, after which nothing is delivered: the failure is told."""

from dataclasses import dataclass
from functools import partial

from processor.events.outcomes import event_id

from .director import KILL, SLOW_DOWN
from .stage import Stage
from .told import Told
from .wanted import Wanted, done, failed, kept, picture

PICTURE = picture(3)
BUSY = 6
"""Tries of the function's client in two deliveries."""


@dataclass(frozen=True)
class Death:
    """One in the last attempt."""

    name: str
    busy: int
    """Tries before, which fail otherwise."""
    wanted: Wanted
    is_request: bool = False

    @property
    def key(self) -> str:
        """The key."""
        return f"last attempts/{self.name}.png"


DEATHS = [
    Death("dies always", 0, failed("too-costly", PICTURE)),
    Death("dies after other failures", BUSY, failed("gave-up", PICTURE)),
    Death("request dies always", 0, kept(PICTURE, "too-costly"), is_request=True),
    Death("request dies after other failures", BUSY, kept(PICTURE, "gave-up"), is_request=True),
]


def test_the_failure_is_told(one_by_one: Stage, told: Told) -> None:
    """It has its event although the function has not lived to write it, and the message is in the
    dead-letter queue. Redriven when the fault is mended, the outcome has its event as well.
    """
    stage, requests = one_by_one, [each.key for each in DEATHS if each.is_request]
    for key in requests:
        stage.put(key, PICTURE)
    stage.settle(dict.fromkeys(requests, done(PICTURE)))
    rules = {}
    for death in DEATHS:
        busy = stage.director.arrange(death.key, "s3.GetObject", SLOW_DOWN, times=death.busy)
        kill = stage.director.arrange(death.key, "render", KILL, times=None)
        rules[death] = (busy, kill)
        if not death.is_request:
            stage.put(death.key, PICTURE)
    stage.request(requests, "default")
    for death in DEATHS:
        stage.wait_until(partial(_is_told, stage, told, death), partial(stage.story, death.key))
        assert stage.problems(death.key, death.wanted) == []
        assert "lease" not in stage.entry(death.key)
        busy, kill = rules[death]
        assert (busy.strikes, kill.strikes) == (death.busy, 1 if death.busy else 3)
    for death in DEATHS:
        rules[death][1].lift()
        stage.redrive(death.key)
    stage.settle(
        {each.key: done(PICTURE, "default" if each.is_request else "print") for each in DEATHS}
    )
    assert told.problems(each.key for each in DEATHS) == {}
    statuses = [{told.committed.by_id[each].status for each in told.ids(d.key)} for d in DEATHS]
    assert statuses == [{"failed", "done"}] * len(DEATHS)


def _is_told(stage: Stage, told: Told, death: Death) -> bool:
    version = stage.entry(death.key).get("sequencer", "")
    return event_id(death.key, version, "failed") in told.ids(death.key)
