"""Scenarios whose function is killed once, at every step: the kills of all go on at once."""

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from tests.profiles import NIGHTLY, one_in

from .director import KILL, Rule, Step, When
from .stage import Stage
from .wanted import DELETED, Wanted, done, picture

TABLE = "DARKROOM_KILL_TABLE"
"""Variable that names a file which the results are written to, as tables in Markdown."""

OLD, NEW = picture(1), picture(2)
BAD = b"no picture"

Happen = Callable[[Stage, str], object]
Event = tuple[Happen, Wanted]
"""Something that happens to a key, and its outcome."""

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


@dataclass(frozen=True)
class Row:
    """The function is killed once, at one step of the work on a key of its own."""

    scenario: Scenario
    step: str
    when: When
    number: int = 1
    """Of the steps with this name: which one it is."""

    @property
    def name(self) -> str:
        """The step, with its number from the second on."""
        return self.step if self.number == 1 else f"{self.step} ({self.number})"

    @property
    def key(self) -> str:
        """The key."""
        return f"kills/{self.scenario.name}/{self.when} {self.name}.png"


@dataclass(frozen=True)
class Crashes:
    """All rows of some scenarios at the same time: each death takes a while to be noticed."""

    stage: Stage
    rules: dict[Row, Rule]

    @classmethod
    def begin(
        cls,
        stage: Stage,
        scenarios: Collection[Scenario],
        catch_up: Callable[[], None] = lambda: None,
        folder: str = "",
    ) -> "Crashes":
        """Find out which steps there are, and let the function die at each.

        Steps have keys below ``folder``. ``catch_up`` waits for what follows the outcomes.
        """
        models = [Row(scenario, "model", "before") for scenario in scenarios]

        def give_past(rows: Iterable[Row]) -> None:
            _give_past(stage, rows)
            catch_up()
            for row in rows:
                stage.director.forget(f"{folder}{row.key}")

        give_past(models)
        _happen(stage, models)
        stage.settle({row.key: row.scenario.wanted for row in models})
        catch_up()
        rows = [
            Row(model.scenario, step, when, number)
            for model in models
            for step, number in _numbered(stage.director.steps(f"{folder}{model.key}"))
            for when in ("before", "after")
        ][:: one_in(5)]
        give_past(rows)
        rules = {
            row: stage.director.arrange(
                f"{folder}{row.key}", row.step, KILL, when=row.when, passes=row.number - 1
            )
            for row in rows
        }
        _happen(stage, rows)
        return cls(stage, rules)

    def of(self, scenario: Scenario) -> list[Row]:
        """The rows of a scenario."""
        return [row for row in self.rules if row.scenario == scenario]

    def check(self, scenario: Scenario, request: pytest.FixtureRequest) -> None:
        """Wait for the outcomes of a scenario, which are those of a healthy run."""
        try:
            self.stage.settle({row.key: scenario.wanted for row in self.of(scenario)})
        finally:
            table = self.table(scenario)
            request.node.add_report_section("call", "outcomes", table)
            if file := os.environ.get(TABLE):
                with Path(file).open("a") as tables:
                    tables.write(f"{table}\n\n")
        self.check_strikes(scenario)
        assert self.stage.cloud.queue_depths()["dead"] == 0

    def check_strikes(self, scenario: Scenario) -> None:
        """See that each row of a scenario was killed."""
        assert [row for row in self.of(scenario) if self.rules[row].strikes != 1] == []

    def table(self, scenario: Scenario) -> str:
        """What became of each, for people."""
        lines = [
            f"| {scenario.name}: step | killed before it | killed after it |",
            "|---|---|---|",
        ]
        if not NIGHTLY:
            lines[0:0] = ["Some of the kills: TEST_PROFILE=nightly has all.", ""]
        for name, rows in groupby(self.of(scenario), lambda row: row.name):
            cells = {row.when: self._cell(row) for row in rows}
            before, after = (cells.get(when, "-") for when in ("before", "after"))
            lines.append(f"| `{name}` | {before} | {after} |")
        return "\n".join(lines)

    def _cell(self, row: Row) -> str:
        deliveries = len(self.stage.director.steps(row.key, "invocation"))
        wrong = self.stage.problems(row.key, row.scenario.wanted)
        status = self.stage.entry(row.key).get("status")
        return f"{status}, delivery {deliveries}{' WRONG' if wrong else ''}"


def selected(request: pytest.FixtureRequest) -> list[Scenario]:
    """The scenarios of a module's tests that the session runs."""
    return [
        item.callspec.params["scenario"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]


def _numbered(steps: Iterable[Step]) -> list[tuple[str, int]]:
    names = [step.name for step in steps]
    return [(name, names[: place + 1].count(name)) for place, name in enumerate(names)]


def _give_past(stage: Stage, rows: Iterable[Row]) -> None:
    rows = list(rows)
    for number in range(max(len(row.scenario.past) for row in rows)):
        wanted = {}
        for row in rows:
            if len(row.scenario.past) > number:
                happen, wanted[row.key] = row.scenario.past[number]
                happen(stage, row.key)
        stage.settle(wanted)


def _happen(stage: Stage, rows: Iterable[Row]) -> None:
    for row in rows:
        row.scenario.happen(stage, row.key)
