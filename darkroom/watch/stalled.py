"""Originals of which no more will be heard: nothing is in the queue, and they have no outcome.

An emulator that was killed may have lost an original, or the message about it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

LOOK_SECONDS = 2.0

PATIENCE_SECONDS = 90.0
"""With a queue that is empty. S3 tells of most objects within seconds, and of some in a minute."""

SUSPECT_SECONDS = 5.0
"""The same, of what was in the cloud while that was away."""


@dataclass
class Lost:
    """Looks at the queue now and then, for as long as something is waited for."""

    is_idle: Callable[[], bool]
    """Whether nothing waits in the queue, and nothing is at work."""
    _since: dict[str, float] = field(default_factory=dict, init=False)
    """By key, when the queue was first seen empty."""
    _isolated: set[str] = field(default_factory=set, init=False)
    _next: float | None = field(default=None, init=False)

    def suspect(self, keys: Collection[str]) -> None:
        """The cloud was away while these were in it."""
        self._isolated |= set(keys)

    def look(self, now: float, keys: Collection[str]) -> list[str]:
        """Which of the keys that are waited for are lost. ``now`` only grows, in seconds."""
        self._isolated &= set(keys)
        if not keys:
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
        self._since = {key: self._since.get(key, now) for key in keys}
        lost = [key for key, since in self._since.items() if now - since >= self._patience(key)]
        for key in lost:
            del self._since[key]
        self._isolated -= set(lost)
        return lost

    def _patience(self, key: str) -> float:
        return SUSPECT_SECONDS if key in self._isolated else PATIENCE_SECONDS
