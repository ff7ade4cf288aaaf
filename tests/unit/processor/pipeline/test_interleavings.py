"""The promise of docs/explanation/reliability.md, under any order of events Hypothesis finds.

Whatever happened, once everything has been delivered each key has the outcome of its newest object,
and no other rendition or variant is stored. ``test_schedules.py`` tries the dangerous orders one by
one.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.profiles import examples
from tests.unit.processor.clouds import error
from tests.unit.processor.pipeline.actors import Fault, KilledError
from tests.unit.processor.pipeline.world import (
    FUNCTION_SECONDS,
    KEYS,
    World,
    check,
    check_purged,
)

contents = st.builds(
    lambda version, names: f"{version}:{','.join(sorted(names))}".encode(),
    st.sampled_from(["one", "two", "bad"]),
    st.sets(st.sampled_from(["thumb", "web", "extra"]), min_size=1),
)
keys = st.sampled_from(KEYS)
counts = st.integers(1, 12)
numbers = st.integers(-1, 3)


class Interleavings(RuleBasedStateMachine):
    """Uploads, removals, requests, duplicates, delays, failures and crashes, in any order."""

    is_versioned = False
    purges = False

    def __init__(self) -> None:
        super().__init__()
        self.world = World(is_versioned=self.is_versioned, purges=self.purges).__enter__()

    @rule(key=keys, data=contents, count=counts)
    def upload(self, key: str, data: bytes, count: int) -> None:
        """Write an original, or write over it; a function begins with it."""
        self._begin(self.world.upload(key, data), count)

    @rule(key=keys, count=counts)
    def remove(self, key: str, count: int) -> None:
        """Delete an original; a function begins with it."""
        self._begin(self.world.remove(key), count)

    @rule(key=keys, data=contents, also=st.booleans())
    def upload_for_later(self, key: str, data: bytes, *, also: bool) -> None:
        """Write an original, perhaps remove it again; the messages stay in the queue for now."""
        self.world.upload(key, data)
        if also:
            self.world.remove(key)

    @rule(key=keys, recipe=st.sampled_from([None, "other", "impossible"]), count=counts)
    def request(self, key: str, recipe: str | None, count: int) -> None:
        """Ask for a key to be looked at."""
        self._begin(self.world.request(key, recipe), count)

    @rule(key=keys, x=st.sampled_from([0.25, 0.75]), count=counts)
    def edit(self, key: str, x: float, count: int) -> None:
        """Set a focal point."""
        self._begin(self.world.edit(key, x), count)

    @rule(key=keys, name=st.sampled_from(["w_1.webp", "w_2.webp"]), count=counts)
    def view(self, key: str, name: str, count: int) -> None:
        """Request a variant."""
        if len(self.world.at_work()) < 4:
            self.world.view(key, name).steps(count)

    @precondition(lambda self: self.world.messages)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        """S3 sends one of its events a second time."""
        self.world.send(data.draw(st.sampled_from(self.world.messages)).body)

    @precondition(lambda self: self.world.ready())
    @rule(data=st.data(), count=counts)
    def receive(self, data: st.DataObject, count: int) -> None:
        """A function takes any message that is visible."""
        self._begin(data.draw(st.sampled_from(self.world.ready())), count)

    @precondition(lambda self: self.world.at_work())
    @rule(data=st.data(), count=counts)
    def step(self, data: st.DataObject, count: int) -> None:
        """One of the functions makes its next calls."""
        data.draw(st.sampled_from(self.world.at_work())).steps(count)

    @precondition(lambda self: self.world.at_work())
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """One of the functions is killed before its next call."""
        data.draw(st.sampled_from(self.world.at_work())).step(Fault(KilledError()))

    @precondition(lambda self: self.world.at_work())
    @rule(data=st.data(), after=st.booleans())
    def refuse(self, data: st.DataObject, *, after: bool) -> None:
        """A service refuses one call, or its answer is lost."""
        fault = Fault(error("InternalError"), after=after)
        data.draw(st.sampled_from(self.world.at_work())).step(fault)

    @precondition(lambda self: not self.world.at_work() and self.world.messages)
    @rule()
    def wait(self) -> None:
        """Time passes, so that what was put off comes again."""
        self.world.clock += 10 * FUNCTION_SECONDS

    def _begin(self, message: object, count: int) -> None:
        if len(self.world.at_work()) < 4:
            self.world.receive(message).steps(count)  # type: ignore[arg-type]

    def teardown(self) -> None:
        """Let everything end, and look."""
        try:
            self.world.drain()
            if self.purges:
                # docs/explanation/deleted-originals.md names what is left over.
                check_purged(self.world, may_stay=True)
            else:
                check(self.world)
        finally:
            self.world.__exit__()


class VersionedInterleavings(Interleavings):
    """The same in a versioned bucket, with restores and versions that are removed for good."""

    is_versioned = True

    @rule(key=keys, number=numbers, count=counts)
    def restore(self, key: str, number: int, count: int) -> None:
        """Copy a version onto its key; a function begins with it."""
        self._begin(self.world.restore(key, number), count)

    @rule(key=keys, number=numbers, count=counts)
    def remove_version(self, key: str, number: int, count: int) -> None:
        """Delete a version or a delete marker for good; a function begins with it."""
        self._begin(self.world.remove_version(key, number), count)


class PurgingInterleavings(Interleavings):
    """The same in a bucket whose originals are deleted after processing."""

    purges = True


SETTINGS = settings(
    max_examples=examples(400),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = SETTINGS
TestVersionedInterleavings = VersionedInterleavings.TestCase
TestVersionedInterleavings.settings = SETTINGS
TestPurgingInterleavings = PurgingInterleavings.TestCase
TestPurgingInterleavings.settings = SETTINGS
