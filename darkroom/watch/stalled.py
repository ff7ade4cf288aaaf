"""Stalled uploads: no result, and no message in the queue.

An emulator that was killed may have lost the original or its message.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

LOOK_SECONDS = 2.0
"""Pause between two looks at the queue."""

PATIENCE_SECONDS = 90.0
"""Time with an empty queue after which an upload is stalled. S3 notifies of most objects within
seconds, and of some after a minute."""

SUSPECT_SECONDS = 5.0
"""The same for uploads that were pending during an outage."""


@dataclass
class StalledUploads:
    """Finds stalled uploads by looking at the queue while results are pending."""

    is_idle: Callable[[], bool]
    """Whether no message is waiting or in flight."""
    _since: dict[str, float] = field(default_factory=dict, init=False)
    """When the queue was first seen empty, by key."""
    _suspects: set[str] = field(default_factory=set, init=False)
    _next: float | None = field(default=None, init=False)

    def suspect(self, keys: Collection[str]) -> None:
        """Note keys that were pending during an outage."""
        self._suspects |= set(keys)

    def look(self, now: float, pending: Collection[str]) -> list[str]:
        """Return the pending keys that are stalled. ``now`` is in seconds and only grows."""
        self._suspects &= set(pending)
        if not pending:
            self._since, self._next = {}, None
            return []
        if self._next is None:
            self._next = now + LOOK_SECONDS
        if now < self._next:
            return []
        self._next = now + LOOK_SECONDS
        if not self.is_idle():
            self._since = {}
            return []
        self._since = {key: self._since.get(key, now) for key in pending}
        stalled = [key for key, since in self._since.items() if now - since >= self._patience(key)]
        for key in stalled:
            del self._since[key]
        self._suspects -= set(stalled)
        return stalled

    def _patience(self, key: str) -> float:
        return SUSPECT_SECONDS if key in self._suspects else PATIENCE_SECONDS
