"""Work on a key stands still at any step while something newer happens to the key."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.profiles import one_in

from .director import Rule, When
from .stage import PATIENCE, Stage
from .wanted import DELETED, Wanted, done, picture

OLD, NEW = picture(1), picture(2)


@dataclass(frozen=True)
class Newer:
    """What overtakes the work on an upload, and what is to become of the key."""

    name: str
    happen: Callable[[Stage, str], None]
    wanted: Wanted


NEWER = [
    Newer("overwrite", lambda stage, key: stage.put(key, NEW), done(NEW)),
    Newer(
        "overwrite by another recipe",
        lambda stage, key: stage.put(key, NEW, "default"),
        done(NEW, "default"),
    ),
    Newer("removal", lambda stage, key: stage.remove(key), DELETED),
]

MOMENTS: list[tuple[When, str]] = [
    ("before", "invocation"),
    ("before", "dynamodb.UpdateItem claim"),
    ("after", "dynamodb.UpdateItem claim"),
    ("after", "s3.GetObject"),
    ("before", "s3.PutObject print.jpg"),
    ("after", "s3.PutObject print.jpg"),
    ("before", "s3.PutObject proof.jpg"),
    ("before", "dynamodb.UpdateItem done"),
    ("after", "dynamodb.UpdateItem done"),
    ("after", "invocation"),
]


@dataclass(frozen=True)
class Race:
    """One moment at which the older work stands still, and what happens meanwhile."""

    newer: Newer
    when: When
    step: str

    @property
    def key(self) -> str:
        """A key of its own."""
        return f"races/{self.newer.name}/{self.when} {self.step}.png"

    def run(self, stage: Stage) -> Rule:
        """Hold the work on the older, let the newer come to its end, and let the older go on."""
        rule = stage.director.arrange(self.key, self.step, when=self.when, holds=True)
        stage.put(self.key, OLD)
        assert rule.reached.wait(PATIENCE), stage.story(self.key)
        self.newer.happen(stage, self.key)
        try:
            stage.wait_for(self.key, self.newer.wanted)
        finally:
            rule.released.set()
        return rule


RACES = [
    Race(newer, when, step)
    for number, newer in enumerate(NEWER)
    for when, step in MOMENTS[number % one_in(3) :: one_in(3)]
]
"""All at night; by day each moment with one of what overtakes."""


@pytest.fixture(scope="module")
def races(one_by_one: Stage) -> dict[Race, Future[Rule]]:
    """Give the races, a few of which are under way at a time: each takes two functions."""
    with ThreadPoolExecutor(3) as pool:
        return {race: pool.submit(race.run, one_by_one) for race in RACES}


@pytest.mark.parametrize("newer", NEWER, ids=lambda newer: newer.name)
def test_the_newer_wins(newer: Newer, one_by_one: Stage, races: dict[Race, Future[Rule]]) -> None:
    """Wherever the older work stood still, nothing of it is left when it has ended."""
    of_it = [race for race in RACES if race.newer == newer]
    for race in of_it:
        races[race].result()
    one_by_one.settle({race.key: newer.wanted for race in of_it})
    assert one_by_one.cloud.queue_depths()["dead"] == 0


def test_three_of_a_kind(one_by_one: Stage) -> None:
    """A message that comes three times at once has one effect."""
    key = "races/three.png"
    one_by_one.put(key, OLD)
    one_by_one.settle({key: done(OLD)})
    one_by_one.director.forget(key)
    rule = one_by_one.director.arrange(key, "s3.GetObject", holds=True)
    one_by_one.send([one_by_one.request_for(key, "default")] * 3)
    assert rule.reached.wait(PATIENCE)
    one_by_one.wait_until(lambda: len(one_by_one.director.steps(key, "invocation", "after")) == 2)
    rule.released.set()
    one_by_one.settle({key: done(OLD, "default")})
    assert len(one_by_one.director.steps(key, "s3.PutObject*")) == 3
    assert len(one_by_one.director.steps(key, "invocation")) == 3


def test_a_message_that_comes_again_too_soon(one_by_one: Stage) -> None:
    """While one delivery of a message is at work, another one of it is told to come again."""
    key = "races/too-soon.png"
    one_by_one.put(key, OLD)
    one_by_one.settle({key: done(OLD)})
    body = one_by_one.request_for(key, "default")
    rule = one_by_one.director.arrange(key, "s3.GetObject", holds=True)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one_by_one.invoke, "the-message", body)
        assert rule.reached.wait(PATIENCE)
        assert one_by_one.invoke("the-message", body) == ["the-message"]
        rule.released.set()
        assert first.result() == []
    assert one_by_one.invoke("the-message", body) == []
    assert one_by_one.problems(key, done(OLD, "default")) == []
    assert len(one_by_one.director.steps(key, "render")) == 2
