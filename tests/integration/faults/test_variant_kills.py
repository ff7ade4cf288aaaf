"""A function dies while variants are stored or swept: none that is stale is left."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.profiles import one_in

from .crashes import BAD, OLD, OVERWRITTEN, REMOVED, Event
from .director import KILL, Rule
from .stage import Stage
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
