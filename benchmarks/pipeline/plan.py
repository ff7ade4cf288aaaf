"""What is uploaded, and what happens to it on its way: decided before, the same each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from pictures import Mix, Picture

TAPPED = "tapped/"
"""Begins the keys whose events are kept, to be sent once more."""

Repeat = Literal["at once", "the older late"]


@dataclass(frozen=True, slots=True)
class Work:
    """A key, and what is done with it."""

    key: str
    versions: tuple[Picture, ...]
    """What is put there, one after the other, while the one before is on its way."""
    removed: bool
    """Whether the object is deleted in the end, while it is on its way."""
    repeat: Repeat | None
    """Which of its events come twice: all, each soon after it came first; or the oldest again, when
    all others have come."""
    pause: float
    """Seconds between two versions, and before the deletion."""

    @property
    def changes(self) -> int:
        """How many events S3 sends of it."""
        return len(self.versions) + self.removed

    @property
    def newest(self) -> Picture:
        """What the key holds in the end, unless it is removed."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all keys, how many meet with what: parts of one."""

    bad: float = 0.02
    repeated: float = 0.02
    overwritten: float = 0.02
    removed: float = 0.0


def works(prefix: str, count: int, mix: Mix, shares: Shares) -> Iterator[Work]:
    """So many keys; the same for the same prefix."""
    random = Random(prefix)  # noqa: S311 (no secret)
    for number in range(count):
        first = random.choice(mix.bad) if random.random() < shares.bad else mix.good(random)
        versions = [first]
        repeat: Repeat | None = "at once" if random.random() < shares.repeated else None
        if random.random() < shares.overwritten:
            versions.append(mix.another(random, first))
            if shares.removed and random.random() < 0.5:
                repeat = "the older late"
        folder = TAPPED if repeat else ""
        yield Work(
            # The name's ending is the first version's: the pipeline looks at the bytes alone.
            key=f"{folder}{prefix}/{number:06}{first.path.suffix}",
            versions=tuple(versions),
            removed=random.random() < shares.removed,
            repeat=repeat,
            pause=random.uniform(0, 1),
        )
