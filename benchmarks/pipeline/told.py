"""The drill's events and webhooks, compared with the outcomes that were committed."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from count import Kind
from uploads import POLL_SECONDS, Queue, client

from darkroom.cloud import Cloud
from darkroom.operations.webhooks import replay
from tests.integration.bus import Inbox, inbox
from tests.outcomes import CommittedOutcomes, committed_outcomes
from tests.receiver import Receiver

QUIET_SECONDS = 60.0
"""Seconds without a missing event after which no more are awaited."""

REPLAYS = 5
"""Maximum number of replays of failed webhooks."""


@dataclass(slots=True)
class Told:
    """The outcomes of a stack, and their events and webhooks."""

    cloud: Cloud
    committed: CommittedOutcomes
    inbox: Inbox
    receiver: Receiver
    webhooks: Queue
    replayed: int = 0
    """Number of webhooks that had failed in each attempt, and were sent again by an operator."""

    @classmethod
    @contextmanager
    def of(cls, cloud: Cloud, receiver: Receiver) -> Iterator[Self]:
        """Observe a stack until the end of the block."""
        webhooks = Queue(client("sqs"), cloud.outputs["WebhooksUrl"])
        with inbox(cloud) as events, committed_outcomes(cloud) as committed:
            yield cls(cloud, committed, events, receiver, webhooks)

    @contextmanager
    def outage(self, seconds: float, after: int) -> Iterator[None]:
        """Have the receiver down for some seconds, when it has received a number of webhooks.

        The block's end waits for it.
        """
        is_over = threading.Event()

        def run() -> None:
            while len(self.receiver.accepted) < after and not is_over.wait(POLL_SECONDS):
                pass
            with self.receiver.down():
                print(f"The receiver of webhooks is down for {seconds:.0f} s", flush=True)
                time.sleep(seconds)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def wait(self, progress: Callable[[int], None]) -> None:
        """Return when every outcome was told to all, or nothing more comes.

        Replays webhooks that failed in each attempt, as an operator would.
        """
        missing, since = len(self.committed.by_id), time.monotonic()
        while missing and time.monotonic() - since < QUIET_SECONDS:
            left = len(self.committed.by_id.keys() - self.events.keys())
            if left < missing:
                since = time.monotonic()
            missing = left
            progress(missing)
            time.sleep(POLL_SECONDS)
        self.webhooks.wait_until_empty(progress)
        for _ in range(REPLAYS):
            if not (count := replay(self.cloud)):
                break
            print(f"Replaying {count} webhooks", flush=True)
            self.replayed += count
            self.webhooks.wait_until_empty(progress)

    @property
    def events(self) -> Counter[str]:
        """Deliveries of each event, by ID."""
        return Counter(each["id"] for each in self.inbox.events())

    def faults(self) -> dict[Kind, list[str]]:
        """Return what was not told exactly as it was committed."""
        committed, sent = self.committed.by_id, self.receiver.accepted
        events = {each["id"]: each for each in self.inbox.events()}
        return {
            "untold": [str(committed[each]) for each in committed.keys() - events.keys()],
            "unsent": [str(committed[each]) for each in committed.keys() - sent.keys()],
            "invented": [
                f"{events[each]['key']} {events[each]['version']} {events[each]['status']}"
                for each in events.keys() - committed.keys()
            ]
            + [f"webhook {each}" for each in sent.keys() - committed.keys()],
        }
