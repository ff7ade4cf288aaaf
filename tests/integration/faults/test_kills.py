"""The function dies at any moment: what it worked on comes out all the same."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.profiles import NIGHTLY, one_in

from .director import KILL, Rule, When
from .stage import Stage
from .wanted import DELETED, Wanted, done, failed, kept, picture

TABLE = "DARKROOM_KILL_TABLE"
"""Variable that names a file which the results are written to, as tables in Markdown."""

OLD, NEW = picture(1), picture(2)
BAD = b"no picture"
TOO_LARGE = json.dumps(
    {
        "renditions": [
            {"name": "print", "resize": {"width": 20}, "output": {"format": "jpeg"}},
            {
                "name": "poster",
                "resize": {"width": 9999, "enlarge": True},
                "output": {"format": "png"},
            },
        ]
    }
)
"""A recipe that cannot be made; one of its renditions has the key of one that is there."""


Happen = Callable[[Stage, str], None]
Event = tuple[Happen, Wanted]
"""Something that happens to a key, and what becomes of it."""

UPLOADED: Event = (lambda stage, key: stage.put(key, OLD), done(OLD))
OVERWRITTEN: Event = (lambda stage, key: stage.put(key, NEW), done(NEW))
REMOVED: Event = (lambda stage, key: stage.remove(key), DELETED)


@dataclass(frozen=True)
class Scenario:
    """Something that happens to a key, and what is to become of it."""

    name: str
    happen: Happen
    wanted: Wanted
    past: tuple[Event, ...] = (UPLOADED,)
    """What has happened to the key before, with its outcomes."""


SCENARIOS = [
    Scenario("upload", lambda stage, key: stage.put(key, NEW), done(NEW), past=()),
    Scenario("overwrite", lambda stage, key: stage.put(key, NEW), done(NEW)),
    Scenario("request", lambda stage, key: stage.request([key], "default"), done(OLD, "default")),
    Scenario(
        "failing request",
        lambda stage, key: stage.request([key], TOO_LARGE),
        kept(OLD, "too-large-rendition"),
    ),
    Scenario(
        "unusable overwrite",
        lambda stage, key: stage.put(key, BAD),
        failed("unsupported-format", BAD),
    ),
    Scenario("removal", lambda stage, key: stage.remove(key), DELETED),
    Scenario(
        "restore",
        lambda stage, key: stage.restore(key, 0),
        done(OLD),
        past=(UPLOADED, REMOVED),
    ),
    Scenario(
        "restore of an older version",
        lambda stage, key: stage.restore(key, 1),
        done(OLD),
        past=(UPLOADED, OVERWRITTEN),
    ),
    Scenario(
        "removal of the current version",
        lambda stage, key: stage.remove_version(key, 0),
        done(OLD),
        past=(UPLOADED, OVERWRITTEN),
    ),
    Scenario(
        "removal of an older version",
        lambda stage, key: stage.remove_version(key, 1),
        done(NEW),
        past=(UPLOADED, OVERWRITTEN),
    ),
]


@dataclass(frozen=True)
class Row:
    """The function is killed once, at one step of the work on a key of its own."""

    scenario: Scenario
    step: str
    when: When

    @property
    def key(self) -> str:
        """The key."""
        return f"kills/{self.scenario.name}/{self.when} {self.step}.png"


@dataclass(frozen=True)
class Crashes:
    """All rows of all scenarios at the same time: each death takes a while to be noticed."""

    stage: Stage
    rules: dict[Row, Rule]

    @classmethod
    def begin(cls, stage: Stage) -> "Crashes":
        """Find out which steps there are, and let the function die at each."""
        models = [Row(scenario, "model", "before") for scenario in SCENARIOS]
        _give_past(stage, models)
        _happen(stage, models)
        stage.settle({row.key: row.scenario.wanted for row in models})
        rows = [
            Row(model.scenario, step.name, when)
            for model in models
            for step in stage.director.steps(model.key)
            for when in ("before", "after")
        ]
        twice = {(row.scenario.name, row.step) for row in rows if rows.count(row) > 1}
        assert not twice, f"steps that come twice, give them a number: {twice}"
        rows = rows[:: one_in(5)]
        _give_past(stage, rows)
        rules = {
            row: stage.director.arrange(row.key, row.step, KILL, when=row.when) for row in rows
        }
        _happen(stage, rows)
        return cls(stage, rules)

    def of(self, scenario: Scenario) -> list[Row]:
        """The rows of a scenario."""
        return [row for row in self.rules if row.scenario == scenario]

    def table(self, scenario: Scenario) -> str:
        """What became of each, for people."""
        lines = [
            f"| {scenario.name}: step | killed before it | killed after it |",
            "|---|---|---|",
        ]
        if not NIGHTLY:
            lines[0:0] = ["Some of the kills: TEST_PROFILE=nightly has all.", ""]
        for step in dict.fromkeys(row.step for row in self.of(scenario)):
            before, after = (self._cell(Row(scenario, step, when)) for when in ("before", "after"))
            lines.append(f"| `{step}` | {before} | {after} |")
        return "\n".join(lines)

    def _cell(self, row: Row) -> str:
        if row not in self.rules:
            return "-"
        deliveries = len(self.stage.director.steps(row.key, "invocation"))
        wrong = self.stage.problems(row.key, row.scenario.wanted)
        status = self.stage.entry(row.key).get("status")
        return f"{status}, delivery {deliveries}{' WRONG' if wrong else ''}"


def _give_past(stage: Stage, rows: Iterable[Row]) -> None:
    rows = list(rows)
    for number in range(max(len(row.scenario.past) for row in rows)):
        wanted = {}
        for row in rows:
            if len(row.scenario.past) > number:
                happen, wanted[row.key] = row.scenario.past[number]
                happen(stage, row.key)
        stage.settle(wanted)
    for row in rows:
        stage.director.forget(row.key)


def _happen(stage: Stage, rows: Iterable[Row]) -> None:
    for row in rows:
        row.scenario.happen(stage, row.key)


@pytest.fixture(scope="module")
def crashes(one_by_one: Stage) -> Crashes:
    """Give what is under way."""
    return Crashes.begin(one_by_one)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_death_at_any_step(
    scenario: Scenario, crashes: Crashes, request: pytest.FixtureRequest
) -> None:
    """Whichever step the function dies before or after, the outcome is that of a healthy run."""
    try:
        crashes.stage.settle({row.key: row.scenario.wanted for row in crashes.of(scenario)})
    finally:
        table = crashes.table(scenario)
        request.node.add_report_section("call", "outcomes", table)
        if file := os.environ.get(TABLE):
            with Path(file).open("a") as tables:
                tables.write(f"{table}\n\n")
    unharmed = [row for row in crashes.of(scenario) if crashes.rules[row].strikes != 1]
    assert unharmed == []
    assert crashes.stage.cloud.queue_depths()["dead"] == 0
