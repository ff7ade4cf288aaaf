"""The index compared with the catalog's entries, and rebuilt where they differ.

The table is read once; of each image, a checksum of what the index has is held in memory.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.catalog.index import FullBucket
from processor.catalog.terms import Member, Posting, key_of, members_of, postings_of

FOLLOW_SECONDS = 60
"""The index follows a write of an entry within this time."""

WRITERS = 8
"""Images whose part of the index is written in parallel."""


@dataclass(slots=True)
class IndexSums:
    """What the index has of each image: the sum of its items' hashes, but for full buckets."""

    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    full: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, cloud: Cloud, prefix: str) -> "IndexSums":
        """Read the whole index; keep what belongs to the keys with a prefix."""
        found = cls()
        for item in cloud.index.all():
            if isinstance(item, FullBucket):
                found.full.add(item.bucket)
            elif key_of(item).startswith(prefix):
                found.sums[key_of(item)] += found._worth(item)
        return found

    def takes(self, entry: Entry) -> bool:
        """Return whether the index has an entry as it is; what is left then has none."""
        items: Iterable[Posting | Member] = (*postings_of(entry), *members_of(entry))
        return sum(map(self._worth, items)) == self.sums.pop(entry["filename"], 0)

    @property
    def left(self) -> list[str]:
        """The keys in the index that no entry has taken."""
        return [key for key, total in self.sums.items() if total]

    def _worth(self, item: Posting | Member) -> int:
        is_full = isinstance(item, Member) and item.bucket in self.full
        return 0 if is_full else hash(item)


def rebuild(cloud: Cloud, keys: Collection[str], done: Callable[[], None]) -> None:
    """Write the index of these keys as their entries are; ``done`` is called for each."""
    known: dict[str, set[Posting | Member]] = {key: set() for key in keys}
    for item in _items(cloud):
        if (key := key_of(item)) in known:
            known[key].add(item)

    def write(key: str) -> None:
        cloud.index.rebuild(cloud.catalog, key, known[key])
        done()

    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(write, known):
            pass


def _items(cloud: Cloud) -> Iterator[Posting | Member]:
    return (each for each in cloud.index.all() if not isinstance(each, FullBucket))
