"""Calls to S3 and DynamoDB fail, hang and break: for a moment, for a delivery, or for good."""

from dataclasses import dataclass

import pytest

from .director import (
    CUT,
    DENIED,
    FORBIDDEN,
    OUT_OF_MEMORY,
    RESET,
    SLOW_DOWN,
    THROTTLED,
    Fault,
    Rule,
    When,
    hang,
)
from .stage import Stage
from .wanted import Wanted, done, failed, kept, picture

TRIES = 3
"""As often does the function's client send a request."""

PICTURE = picture(3)


@dataclass(frozen=True)
class Case:
    """A fault at one step of the work on a key of its own."""

    what: str
    step: str
    fault: Fault
    times: int | None = 1
    when: When = "before"
    deliveries: int = 1
    """How many the outcome takes."""
    failure: str = ""

    @property
    def key(self) -> str:
        """The key."""
        return f"services/{self.what}/{self.when} {self.step}.png"

    @property
    def has_past(self) -> bool:
        """Whether only the work on a key that has renditions takes this step."""
        return self.step in REQUEST

    @property
    def wanted(self) -> Wanted:
        """What is to become of the key."""
        if self.failure:
            return failed(self.failure, PICTURE)
        return done(PICTURE, "default") if self.has_past else done(PICTURE)


UPLOAD = (
    "dynamodb.UpdateItem claim",
    "s3.GetObject",
    "s3.PutObject print.jpg",
    "dynamodb.UpdateItem done",
)
REQUEST = (
    "s3.HeadObject thumb.webp",
    "s3.ListObjectsV2",
    "s3.HeadObject print.jpg",
    "s3.DeleteObject print.jpg",
)


def busy(step: str) -> Fault:
    """What the service answers that has too much to do."""
    return SLOW_DOWN if step.startswith("s3.") else THROTTLED


CASES = [
    case
    for step in UPLOAD + REQUEST
    for case in (
        Case("busy once", step, busy(step)),
        Case("busy for a delivery", step, busy(step), times=TRIES, deliveries=2),
        Case("connection lost", step, RESET),
        Case("connection lost", step, RESET, when="after"),
    )
] + [
    Case("connection lost within", "s3.GetObject", CUT, when="after", deliveries=2),
    Case("slow", "s3.GetObject", hang(2), when="after"),
    Case("out of memory once", "render", OUT_OF_MEMORY),
    Case("out of memory always", "render", OUT_OF_MEMORY, None, failure="too-costly"),
    Case("refused", "s3.GetObject", FORBIDDEN, None, failure="forbidden"),
    Case("denied to the role", "s3.GetObject", DENIED, deliveries=2),
]

GIVEN_UP = Case("busy always", "s3.GetObject", SLOW_DOWN, None, failure="gave-up")

ARCHIVED = Fault("answer", 403, "InvalidObjectState")

FAILING = [
    Case("failing request, refused", "s3.GetObject", FORBIDDEN, None, failure="forbidden"),
    Case("failing request, archived", "s3.GetObject", ARCHIVED, None, failure="archived"),
    Case("failing request, out of memory", "render", OUT_OF_MEMORY, None, failure="too-costly"),
    Case("failing request, busy", "s3.PutObject thumb.webp", SLOW_DOWN, None, failure="gave-up"),
]
"""Requests for what is done, and how they fail."""


@pytest.fixture(scope="module")
def rules(one_by_one: Stage) -> dict[Case, Rule]:
    """Give all faults, each of which is striking."""
    past = [case.key for case in CASES if case.has_past]
    for key in past:
        one_by_one.put(key, PICTURE)
    one_by_one.settle(dict.fromkeys(past, done(PICTURE)))
    rules = {}
    for case in (GIVEN_UP, *CASES):
        one_by_one.director.forget(case.key)
        rules[case] = one_by_one.director.arrange(
            case.key, case.step, case.fault, when=case.when, times=case.times
        )
        if case.has_past:
            one_by_one.request([case.key], "default")
        else:
            one_by_one.put(case.key, PICTURE)
    return rules


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.what} {case.when} {case.step}")
def test_a_fault_passes(case: Case, one_by_one: Stage, rules: dict[Case, Rule]) -> None:
    """The picture comes out, or fails with the reason, after as many deliveries as it needs."""
    one_by_one.wait_for(case.key, case.wanted)
    assert one_by_one.problems(case.key, case.wanted) == [], one_by_one.story(case.key)
    assert rules[case].strikes >= (case.times or 1)
    deliveries = len(one_by_one.director.steps(case.key, "invocation"))
    assert deliveries == case.deliveries, one_by_one.story(case.key)


def test_gives_up(one_by_one: Stage, rules: dict[Case, Rule]) -> None:
    """What fails three times is in the dead-letter queue, with the reason in its entry; sent back
    from there when the fault is mended, it comes out.
    """
    one_by_one.wait_for(GIVEN_UP.key, GIVEN_UP.wanted)
    reason = one_by_one.entry(GIVEN_UP.key)["error"]["message"]
    assert "SlowDown" in reason
    assert len(one_by_one.director.steps(GIVEN_UP.key, "invocation")) == 3
    rules[GIVEN_UP].lift()
    one_by_one.redrive(GIVEN_UP.key)
    one_by_one.settle({GIVEN_UP.key: done(PICTURE)})
    assert one_by_one.cloud.queue_depths()["dead"] == 0


@pytest.fixture(scope="module")
def failing_rules(one_by_one: Stage) -> dict[Case, Rule]:
    """Give the faults of the requests that fail."""
    for case in FAILING:
        one_by_one.put(case.key, PICTURE)
    one_by_one.settle({case.key: done(PICTURE) for case in FAILING})
    rules = {
        case: one_by_one.director.arrange(case.key, case.step, case.fault, times=None)
        for case in FAILING
    }
    one_by_one.request([case.key for case in FAILING], "default")
    return rules


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.what)
def test_a_failing_request(case: Case, one_by_one: Stage, failing_rules: dict[Case, Rule]) -> None:
    """What was published stays, whatever stands in the way; what gave up can be redriven."""
    wanted = kept(PICTURE, case.failure)
    one_by_one.wait_for(case.key, wanted)
    assert one_by_one.problems(case.key, wanted) == [], one_by_one.story(case.key)
    if case.failure == "gave-up":
        assert one_by_one.entry(case.key)["failed_request"]["retry"]["message"]
        failing_rules[case].lift()
        one_by_one.redrive(case.key)
        one_by_one.wait_for(case.key, done(PICTURE, "default"))
        assert one_by_one.problems(case.key, done(PICTURE, "default")) == []
