"""The function dies at any moment: what it worked on comes out all the same, and is told."""

import json

import pytest

from .crashes import BAD, NEW, OLD, REMOVED, Crashes, Event, Scenario, selected
from .stage import Stage
from .told import Told
from .wanted import DELETED, done, failed, kept, picture

FIRST, TWIN = "kills/first.jpg", picture(3, "JPEG")
"""An image, and its bytes, which others have as well."""

FIRST_VERSION, SECOND_VERSION = picture(5), picture(6)
"""A picture under too many keys fills its buckets in the index of similar ones."""
VERSIONS: tuple[Event, Event] = (
    (lambda stage, key: stage.put(key, FIRST_VERSION), done(FIRST_VERSION)),
    (lambda stage, key: stage.put(key, SECOND_VERSION), done(SECOND_VERSION)),
)

POINT = (0.0, 0.5)

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
        done(FIRST_VERSION),
        past=(VERSIONS[0], REMOVED),
    ),
    Scenario(
        "restore of an older version",
        lambda stage, key: stage.restore(key, 1),
        done(FIRST_VERSION),
        past=VERSIONS,
    ),
    Scenario(
        "removal of the current version",
        lambda stage, key: stage.remove_version(key, 0),
        done(FIRST_VERSION),
        past=VERSIONS,
    ),
    Scenario(
        "removal of an older version",
        lambda stage, key: stage.remove_version(key, 1),
        done(SECOND_VERSION),
        past=VERSIONS,
    ),
    Scenario(
        "upload of a duplicate",
        lambda stage, key: stage.put(key, TWIN),
        done(TWIN, duplicate_of=FIRST),
        past=(),
    ),
    Scenario(
        "edit of the focal point",
        lambda stage, key: stage.edit(key, focal_point={"x": POINT[0], "y": POINT[1]}),
        done(OLD, "default", POINT),
        past=((lambda stage, key: stage.put(key, OLD, "default"), done(OLD, "default")),),
    ),
]


@pytest.fixture(scope="module")
def crashes(one_by_one: Stage, told: Told, request: pytest.FixtureRequest) -> Crashes:
    """Give what is under way."""
    one_by_one.put(FIRST, TWIN)
    one_by_one.settle({FIRST: done(TWIN)})
    return Crashes.begin(one_by_one, selected(request), told.catch_up)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_death_at_any_step(
    scenario: Scenario, crashes: Crashes, request: pytest.FixtureRequest
) -> None:
    """Whichever step the function dies before or after, the outcome is that of a healthy run."""
    crashes.check(scenario, request)


def test_outcomes_are_told(crashes: Crashes, told: Told) -> None:
    """Each outcome has its event, nothing else has one, and feed and index are as the entries."""
    assert told.problems(row.key for row in crashes.rules) == {}
