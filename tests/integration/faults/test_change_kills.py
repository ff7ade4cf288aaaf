"""The function of events dies at any step: each outcome is told, and the index follows."""

from collections.abc import Iterator

import pytest

from .crashes import BAD, OLD, UPLOADED, Crashes, Scenario
from .stage import Stage
from .told import Told
from .wanted import DELETED, done, failed

FOLDER = "changes/"

SCENARIOS = [
    Scenario("told upload", *UPLOADED, past=()),
    Scenario(
        "told failure",
        lambda stage, key: stage.put(key, BAD),
        failed("unsupported-format", BAD),
    ),
    Scenario("told removal", lambda stage, key: stage.remove(key), DELETED),
    Scenario(
        "told edit",
        lambda stage, key: stage.edit(key, title="New words", tags=["one", "two"]),
        done(OLD),
    ),
]


@pytest.fixture(scope="module")
def crashes(one_by_one: Stage, told: Told) -> Iterator[Crashes]:
    """Give what is under way."""
    with one_by_one.changes_one_by_one():
        yield Crashes.begin(one_by_one, SCENARIOS, told.catch_up, FOLDER)


def test_a_death_at_any_step(crashes: Crashes, told: Told) -> None:
    """Whichever step the function dies before or after, no outcome stays untold, none is invented,
    and feed and index are as the entries.
    """
    crashes.stage.settle({row.key: row.scenario.wanted for row in crashes.rules})
    assert told.problems(row.key for row in crashes.rules) == {}
    for scenario in SCENARIOS:
        crashes.check_strikes(scenario)


@pytest.mark.nightly
def test_events_that_are_sent_again_have_the_same_id(crashes: Crashes, told: Told) -> None:
    """A function that dies after it has sent an event sends it again."""
    crashes.stage.settle({row.key: row.scenario.wanted for row in crashes.rules})
    told.catch_up()
    sent = [row for row in crashes.rules if row.when == "after" and row.step.endswith("PutEvents")]
    twice = [row for row in sent if max(told.ids(row.key).values()) > 1]
    assert twice == sent != []
