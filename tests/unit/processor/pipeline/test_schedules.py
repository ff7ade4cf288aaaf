"""The orders of calls in which something could be lost, doubled or turned back, one by one.

Two or three changes of one key are worked on at the same time. Each is stopped before each of its
calls in turn, while another goes on to each of its own; and each may die there, or be refused, or
lose its answer. By day, one in seven of these cuts is played, others for each call.
"""

from collections.abc import Callable
from itertools import count, islice, product

import pytest

from tests.profiles import one_in
from tests.unit.processor.clouds import error
from tests.unit.processor.pipeline.actors import (
    Actor,
    Fault,
    KilledError,
    Message,
)
from tests.unit.processor.pipeline.world import (
    FUNCTION_SECONDS,
    World,
    check,
    check_purged,
)

Change = Callable[[World], Message]

Ends = Callable[[World, Actor, Actor], None]


def upload(data: str) -> Change:
    """Write an original that is made into the renditions named after the colon."""
    return lambda world: world.upload("a", data.encode())


def remove(world: World) -> Message:
    """Delete it."""
    return world.remove("a")


def request(world: World) -> Message:
    """Ask for it to be made again."""
    return world.request("a", "other")


def impossible(world: World) -> Message:
    """Ask for what cannot be made."""
    return world.request("a", "impossible")


def focus(world: World) -> Message:
    """Set its focal point."""
    return world.edit("a", 0.25)


def focus_again(world: World) -> Message:
    """Set another one."""
    return world.edit("a", 0.75)


def restore(world: World) -> Message:
    """Restore it from its newest version."""
    return world.restore("a")


def go_back(world: World) -> Message:
    """Restore its oldest version."""
    return world.restore("a", 0)


def remove_latest(world: World) -> Message:
    """Delete its latest version or delete marker for good: the one before is current."""
    return world.remove_version("a", -1)


def remove_oldest(world: World) -> Message:
    """Delete its oldest version for good."""
    return world.remove_version("a", 0)


ONE, TWO, THREE = upload("one:thumb,extra"), upload("two:thumb,web"), upload("three:thumb")
AGAIN, BAD = upload("one:thumb,extra"), upload("bad:thumb")

PLAIN = upload("one:default")
"""Its renditions have the recipe's names, so that those that do not crop are stored as they are."""

PAIRS = {
    "overwritten": (ONE, TWO),
    "overwritten by a bad file": (ONE, BAD),
    "a bad file overwritten": (BAD, TWO),
    "overwritten by the same": (ONE, AGAIN),
    "removed": (ONE, remove),
    "removed, written again": (remove, TWO),
    "requested, overwritten": (request, TWO),
    "requested, removed": (request, remove),
    "written, requested": (ONE, request),
    "written, requested without success": (ONE, impossible),
    "requested without success, overwritten": (impossible, TWO),
    "requested without success, removed": (impossible, remove),
    "requested, requested without success": (request, impossible),
    "requested without success, requested": (impossible, request),
    "written, focused": (PLAIN, focus),
    "focused, overwritten": (focus, TWO),
    "focused, removed": (focus, remove),
    "removed, focused": (remove, focus),
    "focused, focused again": (focus, focus_again),
    "requested, focused": (request, focus),
    "focused, requested": (focus, request),
    "requested without success, focused": (impossible, focus),
}
VERSIONED = {
    "removed, restored": (remove, restore),
    "restored, removed": (restore, remove),
    "overwritten, restored": (TWO, go_back),
    "restored, overwritten": (go_back, TWO),
    "overwritten, then without its latest version": (TWO, remove_latest),
    "overwritten, then without its oldest version": (TWO, remove_oldest),
    "without its oldest version, overwritten": (remove_oldest, TWO),
    "without its oldest version, requested": (remove_oldest, request),
    "requested, then without its oldest version": (request, remove_oldest),
    "requested without success, then without its oldest version": (impossible, remove_oldest),
    "removed, then without its delete marker": (remove, remove_latest),
    "without its delete marker, removed": (remove_latest, remove),
    "without its latest version, restored": (remove_latest, restore),
    "focused, restored": (focus, go_back),
    "without its latest version, focused": (remove_latest, focus),
    "without two versions": (remove_latest, remove_oldest),
}
"""Changes in a versioned bucket."""
PAIRS |= VERSIONED
STEP = one_in(7)
FAULTS: dict[str, Callable[[], Fault | None]] = {
    "lives": lambda: None,
    "dies": lambda: Fault(KilledError()),
    "is refused": lambda: Fault(error("SlowDown")),
    "loses the answer": lambda: Fault(error("RequestTimeout"), after=True),
}


def began(world: World, change: Change, calls: int) -> Actor:
    """A delivery that has made so many calls."""
    actor = world.receive(change(world))
    actor.steps(calls)
    return actor


def suffers(actor: Actor, fault: str) -> None:
    """Let a fault befall the delivery at its next call."""
    what = FAULTS[fault]()
    if what and not actor.is_over:
        actor.step(what)


@pytest.fixture(params=[None, ONE], ids=["first", "after another"])
def make(request: pytest.FixtureRequest) -> Callable[[], World]:
    """Give a way to make a world in which the key was never there, or has an outcome already."""
    is_versioned = request.node.callspec.params.get("pair") in VERSIONED

    def make_world() -> World:
        world = World(is_versioned=is_versioned)
        if request.param:
            with world:
                if is_versioned:
                    THREE(world)
                request.param(world)
                world.drain()
        return world

    return make_world


def ends_well(world: World) -> None:
    """Let everything end, and look."""
    world.drain()
    (check_purged if world.purges else check)(world)


def wherever(make: Callable[[], World], pair: str, play: Ends) -> None:
    """Play the rest for each call at which the older, and then the newer, may have stopped."""
    older, newer = PAIRS[pair]
    for first in count():
        for second in count(3 * first % STEP, STEP):
            with make() as here:
                old = began(here, older, first)
                was_over = old.is_over
                new = began(here, newer, second)
                new_was_over = new.is_over
                play(here, old, new)
                ends_well(here)
            if new_was_over:
                break
        if was_over:
            break


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pair", PAIRS)
def test_an_older_change_comes_late(pair: str, fault: str, make: Callable[[], World]) -> None:
    """However far the older and the newer are when the other goes on, the newer one stays."""

    def play(_here: World, old: Actor, new: Actor) -> None:
        suffers(old, fault)
        old.steps()
        new.steps()

    wherever(make, pair, play)


@pytest.mark.parametrize("fault", list(FAULTS)[1:])
@pytest.mark.parametrize("pair", PAIRS)
def test_a_newer_change_is_disturbed(pair: str, fault: str, make: Callable[[], World]) -> None:
    """The newer one may fail at any call, with the older one stopped at any other."""

    def play(_here: World, old: Actor, new: Actor) -> None:
        suffers(new, fault)
        new.steps()
        old.steps()

    wherever(make, pair, play)


def held(*, is_versioned: bool) -> World:
    """Make a world in which the workflow holds the image for a review."""
    world = World(is_versioned=is_versioned)
    with world:
        if is_versioned:
            THREE(world)
        ONE(world)
        world.drain()
    entry = world.dynamodb.items["a"]
    del entry["renditions"]
    entry |= {"status": "review", "review": {"reasons": []}, "review_token": "token"}
    entry |= {"owner": "workflow:e", "lease": 1e12, "message": "e", "attempts": 1}
    world.s3.objects = {at: each for at, each in world.s3.objects.items() if at[0] == "raw"}
    return world


@pytest.mark.parametrize("pair", PAIRS)
def test_a_review_ends_when_its_image_is_superseded(pair: str) -> None:
    """Its execution is told once no outcome can need it again; after failed requests it waits."""
    older, newer = PAIRS[pair]
    for first, second in islice(product(range(12), repeat=2), 0, None, STEP):
        with held(is_versioned=pair in VERSIONED) as here:
            old, new = began(here, older, first), began(here, newer, second)
            assert "token" not in here.ended_reviews or not waits(here)
            old.steps()
            new.steps()
            here.drain()
            assert ("token" in here.ended_reviews) is not waits(here)


def waits(world: World) -> bool:
    """Return whether the entry has the review, now or if a request fails."""
    entry = world.dynamodb.items["a"]
    return "token" in {
        entry.get("review_token"),
        entry.get("published", {}).get("review_token"),
    }


@pytest.mark.parametrize("pair", PAIRS)
def test_a_dead_older_change_comes_again(pair: str, make: Callable[[], World]) -> None:
    """The older one died at any call, and comes again while the newer one is at any other."""
    older, newer = PAIRS[pair]
    for first, second in islice(product(range(12), repeat=2), 0, None, STEP):
        with make() as here:
            old = began(here, older, first)
            suffers(old, "dies")
            here.clock += 7 * FUNCTION_SECONDS
            new = began(here, newer, second)
            if old.message in here.ready():
                here.receive(old.message).steps()
            new.steps()
            ends_well(here)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_newer_change_comes_first(pair: str, make: Callable[[], World]) -> None:
    """Messages are handed over in the other order than they were sent, and each twice."""
    older, newer = PAIRS[pair]
    for first, second in islice(product(range(12), repeat=2), 0, None, STEP):
        with make() as here:
            old, new = older(here), newer(here)
            late, again = here.send(old.body), here.send(new.body)
            at_new = here.receive(new)
            at_new.steps(first)
            at_old = here.receive(old)
            at_old.steps(second)
            here.receive(again).steps()
            at_old.steps()
            here.receive(late).steps()
            at_new.steps()
            ends_well(here)


@pytest.mark.parametrize(
    "three",
    [(ONE, TWO, AGAIN), (ONE, remove, AGAIN), (ONE, TWO, THREE), (TWO, ONE, remove)],
    ids=["there and back", "removed between", "three versions", "removed at last"],
)
def test_three_changes_at_once(
    three: tuple[Change, Change, Change], make: Callable[[], World]
) -> None:
    """The middle one goes on when the newest has ended, wherever the three of them were.

    With the same bytes before and after it, its condition on the ETag holds though it should not:
    what it writes is put right by itself.
    """
    for cuts in islice(product((0, 3, 12), range(12), (0, 3, 6, 9, 12)), 0, None, STEP):
        with make() as here:
            actors = [began(here, change, cut) for change, cut in zip(three, cuts, strict=True)]
            for actor in reversed(actors):
                actor.steps()
            ends_well(here)


@pytest.fixture(params=[None, ONE], ids=["first", "after another"])
def purging(request: pytest.FixtureRequest) -> Callable[[], World]:
    """Give a way to make a world whose originals are deleted after processing."""

    def make_world() -> World:
        world = World(purges=True)
        if request.param:
            with world:
                request.param(world)
                world.drain()
        return world

    return make_world


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pair", [each for each in PAIRS if each not in VERSIONED])
def test_an_original_is_deleted_after_its_processing(
    pair: str, fault: str, purging: Callable[[], World]
) -> None:
    """Only the one that was rendered: a newer upload is processed, also of the same bytes, and
    who removes the original meanwhile deletes the image.
    """

    def play(_here: World, old: Actor, new: Actor) -> None:
        suffers(old, fault)
        new.steps()
        old.steps()

    wherever(purging, pair, play)


@pytest.mark.nightly
@pytest.mark.parametrize("fault", list(FAULTS)[1:])
@pytest.mark.parametrize("pair", [each for each in PAIRS if each not in VERSIONED])
def test_a_newer_change_is_disturbed_where_originals_are_deleted(
    pair: str, fault: str, purging: Callable[[], World]
) -> None:
    """The same, with a fault at any call of the newer one."""

    def play(_here: World, old: Actor, new: Actor) -> None:
        suffers(new, fault)
        old.steps()
        new.steps()

    wherever(purging, pair, play)
