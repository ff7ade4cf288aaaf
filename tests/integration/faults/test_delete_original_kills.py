"""The function dies while it deletes originals after processing: none is deleted too early."""

from collections.abc import Iterator

import pytest

from .crashes import BAD, NEW, OLD, Crashes, Scenario, selected
from .stage import Stage
from .told import Told
from .wanted import DELETED, done, failed, kept

SCENARIOS = [
    Scenario(
        "upload, deleted after processing",
        lambda stage, key: stage.put(key, OLD),
        done(OLD),
        past=(),
    ),
    Scenario(
        "overwrite, deleted after processing", *(lambda stage, key: stage.put(key, NEW), done(NEW))
    ),
    Scenario(
        "unusable overwrite, kept",
        lambda stage, key: stage.put(key, BAD),
        failed("unsupported-format", BAD),
    ),
    Scenario(
        "request without original",
        lambda stage, key: stage.request([key], "default"),
        kept(OLD, "original-deleted"),
    ),
    Scenario("discard", lambda stage, key: stage.discard(key), DELETED),
]


@pytest.fixture(scope="module")
def told(deleting: Stage) -> Iterator[Told]:
    """Give what the stage commits and tells."""
    with Told.of(deleting) as found:
        yield found


@pytest.fixture(scope="module")
def crashes(deleting: Stage, told: Told, request: pytest.FixtureRequest) -> Crashes:
    """Give what is under way."""
    return Crashes.begin(deleting, selected(request), told.catch_up)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_death_at_any_step(
    scenario: Scenario, crashes: Crashes, request: pytest.FixtureRequest
) -> None:
    """Whichever step the function dies before or after, the outcome is that of a healthy run."""
    crashes.check(scenario, request)


def test_no_original_is_deleted_before_its_outcome(crashes: Crashes) -> None:
    """A deletion comes after the commit of its version, in every order of deaths."""
    director = crashes.stage.director
    for row in crashes.rules:
        commits = director.steps(row.key, "dynamodb.UpdateItem done", "after")
        deletions = director.steps(row.key, "s3.DeleteObject original")
        assert not deletions or commits[0].at < deletions[0].at, crashes.stage.story(row.key)


def test_outcomes_are_told(crashes: Crashes, told: Told) -> None:
    """Each outcome has its event, nothing else has one, and feed and index are as the entries."""
    assert told.problems(row.key for row in crashes.rules) == {}
