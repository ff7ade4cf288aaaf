"""The commits of a stage, and what follows them: events, the change feed, the index."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from darkroom.operations.index_check import IndexSums
from processor.catalog.feed import FeedRecord, Position
from tests.integration.bus import Inbox, inbox
from tests.outcomes import CommittedOutcomes, committed_outcomes

from .stage import Stage
from .wanted import done, picture

LAST = "told/last.png"


@dataclass
class Told:
    """The outcomes of a stage since the tests began, and what others have been told."""

    stage: Stage
    committed: CommittedOutcomes
    inbox: Inbox
    feed_began: Position

    @classmethod
    @contextmanager
    def of(cls, stage: Stage) -> Iterator[Self]:
        """Observe a stage until the end of the block."""
        with inbox(stage.cloud) as events, committed_outcomes(stage.cloud) as committed:
            yield cls(stage, committed, events, stage.cloud.feed.newest())

    def catch_up(self) -> None:
        """Wait until all that has been committed is told: the stream has one order."""
        before = self.committed.ids(LAST)
        self.stage.put(LAST, picture(0))
        self.stage.wait_for(LAST, done(picture(0)))
        self.stage.wait_until(lambda: self.committed.ids(LAST) - before)
        self.stage.wait_until(lambda: self.committed.ids(LAST) <= self.ids(LAST).keys())

    def ids(self, key: str) -> Mapping[str, int]:
        """The events of a key, by ID: how often each was delivered."""
        found: dict[str, int] = defaultdict(int)
        for event in self.inbox.events():
            if event["key"] == key:
                found[event["id"]] += 1
        return found

    def problems(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """Return what is missing or wrong in the events, feed and index of keys, in sentences."""
        self.catch_up()
        events, records = self.inbox.events(), self._feed()
        sums = IndexSums.read(self.stage.cloud, "")
        found = {}
        for key in keys:
            committed = self.committed.ids(key)
            sent = {each["id"] for each in events if each["key"] == key}
            entry = self.stage.entry(key)
            wrong = []
            if lost := committed - sent:
                wrong.append(f"not told: {[self.committed.by_id[each] for each in lost]}")
            if invented := sent - committed:
                wrong.append(f"never committed: {[e for e in events if e['id'] in invented]}")
            if (entry["status"], entry["sequencer"]) != records.get(key, ("", "")):
                wrong.append(f"the feed ends with {records.get(key)}")
            if not sums.takes(entry):
                wrong.append("the index is not that of the entry")
            if wrong:
                found[key] = wrong
        return found

    def _feed(self) -> dict[str, tuple[str, str]]:
        """Status and version of the last record of each key, of a feed without gaps."""
        feed, records = self.stage.cloud.feed, list[FeedRecord]()
        position = self.feed_began
        while page := feed.after(position, 1000):
            records += page
            position = Position(page[-1].number, position.seconds)
        assert position.number == feed.newest().number
        return {each.key: (each.status, each.version) for each in records}
