"""Batches whose function dies, runs out of time, or meets a cloud that stands still."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.profiles import one_in

from .director import KILL, hang, linger
from .stage import Stage
from .wanted import Wanted, done, has_come, kept, picture

PICTURE = picture(4)
REDONE = done(PICTURE, "default")

BATCH = 10
"""Most messages in one invocation, as the template has it."""

FULL = 500 // one_in(5)
"""Originals that are put at once."""


@pytest.fixture(autouse=True)
def nothing_dead(in_batches: Stage) -> Iterator[None]:
    """Leave no message that a failed test may have lost."""
    yield
    cloud = in_batches.cloud
    if cloud.queue_depths()["dead"]:
        cloud.sqs.purge_queue(QueueUrl=cloud.outputs["DeadLetterQueueUrl"])


@pytest.fixture
def keys(in_batches: Stage, request: pytest.FixtureRequest) -> list[str]:
    """Give ten keys with their outcomes, for whose work to be asked again at once."""
    keys = [f"{request.node.originalname}/{number}.png" for number in range(BATCH)]
    for key in keys:
        in_batches.put(key, PICTURE)
    in_batches.settle(dict.fromkeys(keys, done(PICTURE)))
    for key in keys:
        in_batches.director.forget(key)
    return keys


def deliveries(stage: Stage, keys: Iterable[str]) -> list[int]:
    """How often a message of each key has come."""
    return [len(stage.director.steps(key, "invocation")) for key in keys]


def test_a_death(in_batches: Stage, keys: list[str]) -> None:
    """If an image crashes the function once, it and all beside it are done after a redelivery."""
    death = in_batches.director.arrange(keys[0], "render", KILL)
    in_batches.request_in_a_batch(keys, "default")
    in_batches.settle(dict.fromkeys(keys, REDONE))
    assert death.strikes == 1
    assert min(deliveries(in_batches, keys)) >= 2


def test_a_picture_that_always_kills(in_batches: Stage, keys: list[str]) -> None:
    """The request fails as too costly, what is published stays, and its message is kept; all beside
    it come out, even those that were at work each time.
    """
    poison, *others = keys
    in_batches.director.arrange(poison, "render", KILL, times=None)
    for key in others:
        # Those that are begun beside it are still at work when it kills for the first time…
        in_batches.director.arrange(key, "s3.GetObject", hang(0.5))
        # …and found to have been so after it, each time.
        in_batches.director.arrange(key, "dynamodb.GetItem", hang(0.5), times=None)
    in_batches.request_in_a_batch(keys, "default")
    wanted: dict[str, Wanted] = dict.fromkeys(others, REDONE)
    in_batches.settle({poison: kept(PICTURE, "too-costly"), **wanted})
    assert in_batches.bury(poison)
    assert in_batches.cloud.queue_depths()["dead"] == 0


def test_a_call_that_does_not_return(in_batches: Stage, keys: list[str]) -> None:
    """The function is ended when its time is over; what it worked on and what it did not come to
    is done by the next.
    """
    endless = in_batches.director.arrange(keys[0], "s3.GetObject", hang(10 * in_batches.timeout))
    in_batches.request_in_a_batch(keys, "default")
    in_batches.settle(dict.fromkeys(keys, REDONE))
    assert endless.strikes == 1


def test_little_time(in_batches: Stage, keys: list[str]) -> None:
    """What the function has no time to begin is handed back, and done at its next delivery."""
    slow, quick = keys[:3], keys[3:]
    for key in slow:
        in_batches.director.arrange(key, "s3.GetObject", linger(0.2 * in_batches.timeout))
    in_batches.request_in_a_batch(keys, "default")
    in_batches.settle(dict.fromkeys(keys, REDONE))
    begun = [len(in_batches.director.steps(key, "*claim")) for key in quick]
    assert max(deliveries(in_batches, quick)) >= 2
    assert set(begun) == {1}


def test_more_than_there_is_time_for(in_batches: Stage, keys: list[str]) -> None:
    """Where three deliveries are not enough to come to a message, its entry says so: each picture
    here takes nearly all of the function's time.
    """
    for key in keys:
        lingering = linger(0.2 * in_batches.timeout)
        in_batches.director.arrange(key, "render", lingering, when="after", times=None)
    in_batches.request_in_a_batch(keys, "default")

    def lost() -> list[str]:
        return [key for key in keys if not has_come(in_batches.entry(key), REDONE)]

    # A message may be dead though its work is done: the function's time can end before its answer.
    in_batches.wait_until(
        lambda: in_batches.is_idle() and in_batches.cloud.queue_depths()["dead"] >= len(lost()),
        lambda: f"{in_batches.cloud.queue_depths()}, lost: {lost()}",
    )
    silent = [key for key in lost() if "failed_request" not in in_batches.entry(key)]
    assert silent == [], in_batches.story(silent[0])


def test_a_full_queue(in_batches: Stage) -> None:
    """Hundreds of originals at once all come out, and none is given up."""
    keys = [f"full/{number}.png" for number in range(FULL)]
    put_all(in_batches, keys)
    check_all(in_batches, "full/", FULL)


def put_all(stage: Stage, keys: list[str]) -> None:
    """Upload an original under each key."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: stage.put(key, PICTURE), keys))


def check_all(stage: Stage, prefix: str, count: int) -> None:
    """Wait until so many keys have their outcome; see that nothing else is there."""

    def entries() -> list[str]:
        return [
            f"{entry['status']} {entry.get('error')}"
            for entry in stage.cloud.catalog.all()
            if entry["filename"].startswith(prefix)
        ]

    stage.wait_until(lambda: stage.is_idle() and len(entries()) == count, lambda: str(entries()))
    assert set(entries()) == {"done None"}
    pages = stage.cloud.s3.get_paginator("list_objects_v2").paginate(
        Bucket=stage.cloud.outputs["ProcessedBucket"], Prefix=f"processed/{prefix}"
    )
    assert sum(page["KeyCount"] for page in pages) == 2 * count
    assert stage.cloud.queue_depths()["dead"] == 0
