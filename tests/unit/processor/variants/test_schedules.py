"""Requests for variants in every order with a change of their image.

A request and a change are stopped before each of their calls in turn, and the request may die
there. By day, one in five of these orders is played, others for each call.
"""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from localstack_init.definitions import TEMPLATE
from localstack_init.template import read_template
from processor.sqs.late_sweeps import DELAY_SECONDS
from processor.storage.variants import is_current
from tests.profiles import one_in
from tests.unit.processor.clouds import error
from tests.unit.processor.pipeline.actors import Actor, Fault, KilledError, Message
from tests.unit.processor.pipeline.world import FUNCTION_SECONDS, World, check

TARGET = "variants/a/w_640.webp"
STEP = one_in(5)

Change = Callable[[World], Message]
Begin = Callable[[World], Actor]

CHANGES: dict[str, Change] = {
    "replaced": lambda world: world.upload("a", b"two:thumb"),
    "replaced by the same": lambda world: world.upload("a", b"one:thumb"),
    "replaced by a bad file": lambda world: world.upload("a", b"bad:thumb"),
    "replaced and held": lambda world: world.upload("a", b"flagged:thumb"),
    "removed": lambda world: world.remove("a"),
    "requested again": lambda world: world.request("a", "other"),
    "requested without success": lambda world: world.request("a", "impossible"),
}
FAULTS: dict[str, Callable[[], Fault | None]] = {
    "lives": lambda: None,
    "dies": lambda: Fault(KilledError()),
    "is refused": lambda: Fault(error("SlowDown")),
    "loses the response": lambda: Fault(error("RequestTimeout"), after=True),
}


def published(*variants: str) -> World:
    """Return a world in which an image is done, and has these variants."""
    world = World()
    with world:
        world.upload("a", b"one:thumb")
        world.drain()
        for each in variants:
            world.view("a", each).steps()
    return world


def stale(world: World) -> list[str]:
    """Return the stored variants that their image's entry does not have."""
    entry = world.pipeline.claims.catalog.get("a")
    stored = world.s3.in_bucket("processed")
    return [
        target
        for target, each in stored.items()
        if target.startswith("variants/") and not is_current(each.metadata["version"], entry)
    ]


def is_settled(world: World) -> bool:
    """Return whether the entry has an outcome."""
    entry = world.pipeline.claims.catalog.get("a")
    return entry is not None and entry["status"] != "processing"


def request_variant(world: World) -> Actor:
    """Begin a request."""
    return world.view("a")


def deliver(change: str) -> Begin:
    """Return what makes a change, and begins its delivery."""
    return lambda world: world.receive(CHANGES[change](world))


def orders(begin: Begin, follow: Begin) -> Iterator[tuple[World, Actor, Actor]]:
    """Yield worlds in which one has made any number of calls, and then begins another, and has."""
    for first in count():
        for second in count(3 * first % STEP, STEP):
            with published() as world:
                one = begin(world)
                one.steps(first)
                was_over = one.is_over
                two = follow(world)
                two.steps(second)
                two_was_over = two.is_over
                yield world, one, two
            if two_was_over:
                break
        if was_over:
            break


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_request_beside_a_change(change: str, fault: str) -> None:
    """Unless the request dies, nothing stale is left once both are over; if it dies, a late sweep
    deletes it.
    """
    for world, request, delivery in orders(request_variant, deliver(change)):
        if (suffered := FAULTS[fault]()) and not request.is_over:
            request.step(suffered)
        request.steps()
        delivery.steps()
        if fault == "lives" and is_settled(world):
            assert not stale(world)
        world.drain()
        check(world)
        assert not stale(world)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_beside_a_request(change: str) -> None:
    """The same where the change begins first, and the request ends last."""
    for world, delivery, request in orders(deliver(change), request_variant):
        delivery.steps()
        request.steps()
        if is_settled(world):
            assert not stale(world)
        world.drain()
        check(world)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_dies_beside_a_request(change: str) -> None:
    """The delivery dies at any call, and is received again."""
    for world, request, delivery in orders(request_variant, deliver(change)):
        if not delivery.is_over:
            delivery.step(Fault(KilledError()))
        request.steps()
        world.drain()
        check(world)
        assert not stale(world)


def test_two_requests_and_a_change() -> None:
    """Requests for one variant, before and after a replacement: the older never stays."""
    for first in range(9):
        for second in range(first % STEP, 14, STEP):
            for third in range(0, 9, 2):
                with published() as world:
                    before = world.view("a")
                    before.steps(first)
                    delivery = world.receive(CHANGES["replaced"](world))
                    delivery.steps(second)
                    after = world.view("a")
                    after.steps(third)
                    before.steps()
                    delivery.steps()
                    after.steps()
                    assert not stale(world)
                    world.drain()
                    check(world)


@pytest.mark.parametrize("change", ["replaced", "replaced and held", "removed"])
def test_a_request_that_dies_before_its_second_look(change: str) -> None:
    """What it stored after the sweep is deleted when its function would have timed out, no
    sooner.
    """
    with published() as world:
        request = world.view("a")
        while request.waits_for != "PutObject":
            request.step()
        world.receive(CHANGES[change](world)).steps()
        request.step()
        assert stale(world) == [TARGET]
        request.step(Fault(KilledError()))
        assert not world.ready()
        world.clock += DELAY_SECONDS
        (late,) = world.ready()
        world.receive(late).steps()
        assert not stale(world)
        check(world)


def test_a_late_sweep_keeps_what_is_current() -> None:
    """A variant of the new image, rendered before the late sweep, stays."""
    with published("w_640.webp") as world:
        world.receive(CHANGES["replaced"](world)).steps()
        world.view("a").steps()
        world.drain()
        assert world.s3.in_bucket("processed")[TARGET].data == b"variant of two:thumb"
        check(world)


def test_variants_of_keys_below_a_key() -> None:
    """A sweep deletes the variants of its key alone."""
    with published("w_640.webp") as world:
        world.upload("a/b", b"one:thumb")
        world.drain()
        world.view("a/b").steps()
        world.receive(world.remove("a")).steps()
        world.drain()
        assert [each for each in world.s3.in_bucket("processed") if each[:2] == "va"] == [
            "variants/a/b/w_640.webp"
        ]
        check(world)


def test_the_first_upload_sweeps_nothing() -> None:
    """A key that was unknown costs no list request and no message."""
    with World() as world:
        calls: list[str] = []
        delivery = world.receive(world.upload("a", b"one:thumb"))
        while not delivery.is_over:
            calls.append(delivery.waits_for)
            delivery.step()
        assert "ListObjectsV2" not in calls
        assert "SendMessage" not in calls


def test_the_delay_outlasts_a_request() -> None:
    """A late sweep comes after the timeout of the variants' function, with a margin."""
    template = read_template(TEMPLATE.read_text())
    timeout = template["Resources"]["VariantFunction"]["Properties"]["Timeout"]
    assert timeout + 10 <= DELAY_SECONDS < FUNCTION_SECONDS
