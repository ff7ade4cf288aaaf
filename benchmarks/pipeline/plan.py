"""Plan of the uploads: versions, deletions and duplicate events of each key, reproducible."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from uploaded_images import Mix, UploadedImage

TAPPED = "tapped/"
"""Prefix of keys whose events are sent again."""

Failing = Literal["unknown recipe", "too large", "corrupt"]

Repeat = Literal["at once", "the older late"]


@dataclass(frozen=True, slots=True)
class Work:
    """The uploads of one key."""

    key: str
    versions: tuple[UploadedImage, ...]
    """Uploaded versions, each while the one before is processed."""
    removed: bool
    """Whether the object is deleted while its last version is processed."""
    repeat: Repeat | None
    """Duplicate events: each at once, or the oldest again after all others."""
    pause: float
    """Seconds between two versions, and before the deletion."""
    failing: Failing | None = None
    """What fails while the image is published: a request, or a corrupt last version."""
    restored: bool = False
    """Whether the deleted object is restored while its deletion is processed."""
    pruned: bool = False
    """Whether the first version is deleted for good while the last one is processed."""

    @property
    def at_first(self) -> tuple[UploadedImage, ...]:
        """The versions that are uploaded at first: without the corrupt one."""
        return self.versions[:-1] if self.failing == "corrupt" else self.versions

    @property
    def first_etag(self) -> str:
        """The ETag of the version that is published before something fails."""
        return self.at_first[-1].etag

    @property
    def changes(self) -> int:
        """Number of S3's events."""
        return len(self.versions) + self.removed + self.restored + self.pruned

    @property
    def newest(self) -> UploadedImage:
        """The last version, which stays unless it is deleted."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of keys, from 0 to 1.

    With bad files, duplicate events, overwrites, deletions, and with requests or originals that
    fail while the image is published. Of the deleted keys: restored ones; of the overwritten keys:
    those whose first version is deleted for good.
    """

    bad: float = 0.02
    repeated: float = 0.02
    overwritten: float = 0.02
    removed: float = 0.0
    failing: float = 0.0
    restored: float = 0.0
    pruned: float = 0.0


def works(prefix: str, count: int, mix: Mix, shares: Shares) -> Iterator[Work]:
    """Yield a number of keys; the prefix seeds the random choices."""
    random = Random(prefix)  # noqa: S311 (no secret)
    for number in range(count):
        first = random.choice(mix.bad) if random.random() < shares.bad else mix.good(random)
        versions = [first]
        repeat: Repeat | None = "at once" if random.random() < shares.repeated else None
        if random.random() < shares.overwritten:
            versions.append(mix.another(random, first))
            if shares.removed and random.random() < 0.5:
                repeat = "the older late"
        removed = random.random() < shares.removed
        failing: Failing | None = None
        if shares.failing and random.random() < shares.failing and first.code is None:
            failing = random.choice(get_args(Failing))
            removed, repeat = False, None
            # The event of an overwrite could supersede the request.
            versions = [first, random.choice(mix.bad)] if failing == "corrupt" else [first]
        restored = removed and random.random() < shares.restored
        pruned = len(versions) > 1 and not failing and random.random() < shares.pruned
        folder = TAPPED if repeat else ""
        yield Work(
            # The extension is the first version's: the pipeline detects formats by content.
            key=f"{folder}{prefix}/{number:06}{first.path.suffix}",
            versions=tuple(versions),
            removed=removed,
            repeat=repeat,
            pause=random.uniform(0, 1),
            failing=failing,
            restored=restored,
            pruned=pruned,
        )
