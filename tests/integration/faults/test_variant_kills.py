"""A function dies while a variant is stored, swept or told: stale ones go, each has its event."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.profiles import one_in

from .crashes import BAD, OLD, OVERWRITTEN, REMOVED, Event
from .director import KILL, Rule, When
from .stage import Stage
from .told import Told
from .wanted import done, failed

NAME = "proof.webp"
"""One of the recipe's renditions: it has a watermark, so that sizes are not allowed."""

CHANGES: dict[str, Event] = {
    "overwrite": OVERWRITTEN,
    "removal": REMOVED,
    "unusable overwrite": (
        lambda stage, key: stage.put(key, BAD),
        failed("unsupported-format", BAD),
    ),
    "request": (lambda stage, key: stage.request([key], "default"), done(OLD, "default")),
}
DEATHS = ("stored", "claimed", "sweeping")
"""Of the function of variants, between storing and its second look at the entry; of the other one,
after its claim and before it lists the variants that it sweeps.
"""


EVENT_DEATHS: dict[tuple[When, str], int] = {
    ("before", "invocation"): 1,
    ("before", "s3.HeadObject"): 1,
    ("after", "s3.HeadObject"): 1,
    ("before", "eventbridge.PutEvents"): 1,
    ("after", "eventbridge.PutEvents"): 2,
    ("after", "invocation"): 2,
}
"""Of the function that S3 notifies of a stored variant; how often its event is sent then."""


@dataclass
class Case:
    """A key that changes once, and a death while it does."""

    change: str
    death: str
    rules: list[Rule] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key."""
        return f"variant kills/{self.change}/{self.death}.png"

    def happen(self, stage: Stage) -> None:
        """Let the key change."""
        CHANGES[self.change][0](stage, self.key)


def test_no_stale_variant_is_left(one_by_one: Stage) -> None:
    """Whichever function dies, the outcome is that of a healthy run, and stale variants go."""
    stage = one_by_one
    stage.prepare_variants()
    cases = [Case(change, death) for change in CHANGES for death in DEATHS][:: one_in(5)]
    wanted = {case.key: CHANGES[case.change][1] for case in cases}
    for case in cases:
        stage.put(case.key, OLD)
    stage.settle({case.key: done(OLD) for case in cases})
    writers = [case for case in cases if case.death == "stored"]
    for case in writers:
        _store_late(stage, case)
    others = [case for case in cases if case.death != "stored"]
    for case in others:
        assert stage.request_variant(case.key, NAME)
        case.rules = [_death(stage, case)]
        case.happen(stage)
    stage.settle(wanted)
    # Their outcome comes after their sweep.
    assert {case.key: stage.variants(case.key) for case in others if stage.variants(case.key)} == {}
    assert [rule for case in cases for rule in case.rules if rule.strikes != 1] == []
    stage.wait_until(lambda: not any(stage.variants(case.key) for case in writers))


@pytest.mark.nightly  # Lambda repeats the invocation after a minute
def test_a_variant_is_told_whichever_step_the_function_dies_at(
    one_by_one: Stage, told: Told
) -> None:
    """It has one event, which is the same one if it is sent twice."""
    stage = one_by_one
    stage.prepare_variants()
    with stage.changes_one_by_one():
        deaths = {f"told variant/{' '.join(death)}.png": death for death in EVENT_DEATHS}
        for key in deaths:
            stage.put(key, OLD)
        stage.settle({key: done(OLD) for key in deaths})
        rules = []
        for key, (when, step) in deaths.items():
            stored = f"changes/variants/{key}/{NAME}"
            rules.append(stage.director.arrange(stored, step, KILL, when=when))
            assert stage.request_variant(key, NAME)

        def ids(key: str) -> list[str]:
            events = [each for each in told.inbox.events() if each["key"] == key]
            return [each["id"] for each in events if each["status"] == "variant-created"]

        def sent() -> dict[tuple[When, str], int]:
            return {death: len(ids(key)) for key, death in deaths.items()}

        stage.wait_until(lambda: sent() == EVENT_DEATHS, lambda: str(sent()))
        assert [key for key in deaths if len(set(ids(key))) != 1] == []
        assert [rule for rule in rules if rule.strikes != 1] == []


def _store_late(stage: Stage, case: Case) -> None:
    """Store a variant after the outcome of a change that its request has not seen, and die."""
    folder, step = f"variants/{case.key}", f"s3.PutObject {NAME}"
    held = stage.director.arrange(folder, step, holds=True)
    case.rules = [held, stage.director.arrange(folder, step, KILL, when="after")]
    with ThreadPoolExecutor(1) as pool:
        request: Future[bool] = pool.submit(stage.request_variant, case.key, NAME)
        try:
            stage.wait_until(lambda: held.reached.is_set() or request.done())
            assert not request.done(), request.result()
            case.happen(stage)
            stage.wait_for(case.key, CHANGES[case.change][1])
        finally:
            held.released.set()
        assert not request.result()
    assert stage.variants(case.key) == {NAME: False}


def _death(stage: Stage, case: Case) -> Rule:
    """Arrange the death of the function that processes the change."""
    if case.death == "claimed":
        return stage.director.arrange(
            case.key, "dynamodb.UpdateItem claim again", KILL, when="after"
        )
    return stage.director.arrange(f"variants/{case.key}", "s3.ListObjectsV2", KILL)
