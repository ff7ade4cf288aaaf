"""Whether originals, catalog and renditions fit together, and where they do not.

The catalog can only be read in no order, so that it is held in memory, with what matters here:
about 1.5 kB for each entry. Both buckets are then read through once, whatever they hold.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from darkroom.cloud import Cloud, Listed
from processor.catalog.entries import Entry
from processor.storage.renditions import folder_of

Kind = Literal["no-entry", "no-original", "stuck", "stale", "missing", "orphan"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ALONE = ("missing", "orphan")
"""What no message that is still in the queue explains."""

FOLDER = folder_of("").removesuffix("/")
"""Holds all renditions: what lies outside is none."""

BUSY = ("waiting", "in flight")
"""Messages that the function has not acknowledged."""

STUCK_SECONDS = 15 * 60
"""After the end of an attempt: no message comes back so late."""

Tell = Callable[[str, int], None]
"""Is told what is being read, and how many there were so far."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit, at one key."""

    kind: Kind
    key: str
    """Of the original."""
    detail: str
    """What exactly, for people."""


@dataclass(slots=True)
class Known:
    """What is held of an entry."""

    status: str
    version: tuple[str, str, str]
    """Changes with every write of the entry."""
    lease: float
    updated: float
    etag: str | None
    recipe: str | None
    missing: dict[str, tuple[int, str]]
    """Renditions that the entry names and that were not found so far: their bytes and ETags."""
    named: frozenset[str]
    has_original: bool = False

    @classmethod
    def of(cls, entry: Entry) -> "Known":
        """Keep what matters of an entry."""
        renditions = entry.get("renditions", [])
        return cls(
            status=entry["status"],
            version=version(entry),
            lease=entry.get("lease", 0),
            updated=datetime.fromisoformat(entry["updated"]).timestamp(),
            etag=entry.get("etag"),
            recipe=entry.get("recipe"),
            missing={each["key"]: (each["bytes"], each["etag"]) for each in renditions},
            named=frozenset(each["key"] for each in renditions),
        )


def version(entry: Entry) -> tuple[str, str, str]:
    """Tells one state of an entry from another."""
    return entry["sequencer"], entry.get("owner", ""), entry["updated"]


def split(target: str) -> tuple[str, str]:
    """The original's key, and the file's name, of a key in the processed bucket.

    An original's key may have slashes, but a file's name has none.
    """
    key, _, name = target.removeprefix(FOLDER).rpartition("/")
    return key, name


@dataclass(slots=True)
class Comparison:
    """What was found so far; the entries come first, then the buckets, in any order."""

    entries: dict[str, Known] = field(default_factory=dict)
    originals: int = 0
    stored: int = 0
    _uploads: dict[str, Listed] = field(default_factory=dict)
    """Originals that do not fit their entries."""
    _details: dict[tuple[Kind, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add_original(self, original: Listed) -> None:
        """Compare an object of the raw bucket with its entry."""
        self.originals += 1
        known = self.entries.get(original.key)
        if known is None:
            self._upload("no-entry", original, f"uploaded {original.time}")
            return
        known.has_original = True
        if known.status == "deleted":
            self._upload("no-entry", original, f"uploaded {original.time}; the entry says deleted")
        elif known.status != "processing" and known.etag not in (None, original.etag):
            self._upload("stale", original, f"the entry is of {known.etag}, not {original.etag}")

    def add_stored(self, target: Listed) -> None:
        """Compare an object of the processed bucket with the entry of its original."""
        self.stored += 1
        key, name = split(target.key)
        known = self.entries.get(key)
        if known is None or target.key not in known.named:
            if known is None or known.status != "processing":
                belongs = "" if key else " (to no original: remove it by hand)"
                self._details["orphan", key].append(name + belongs)
            return
        size, etag = known.missing.pop(target.key)
        if known.status != "done":
            return
        if size != target.size:
            text = f"{name} has {target.size:,} bytes instead of {size:,}"
            self._details["missing", key].append(text)
        elif etag != target.etag:
            self._details["missing", key].append(f"{name} has other bytes than the entry tells")

    def faults(self, now: float) -> Iterator[Fault]:
        """All that does not fit, by kind, and in the order of the keys' UTF-8."""
        for key, known in self.entries.items():
            if known.status == "deleted":
                continue
            if not known.has_original:
                self._details["no-original", key].append(f"the entry says {known.status}")
            elif known.status == "done":
                self._details["missing", key] += [split(target)[1] for target in known.missing]
            if known.status == "processing" and known.lease <= now:
                self._details["stuck", key].append(_since(known, now))
        found = [
            Fault(kind, key, ", ".join(details))
            for (kind, key), details in self._details.items()
            if details
        ]
        return iter(sorted(found, key=lambda each: (KINDS.index(each.kind), each.key.encode())))

    def is_under_way(self, fault: Fault, now: float, grace: float, *, is_busy: bool) -> bool:
        """Whether work that is going on, waits in the queue or is on its way may explain a fault.

        S3 may take ``grace`` seconds to tell the queue of an upload.
        """
        known = self.entries.get(fault.key)
        if known and known.lease > now:
            return True
        if upload := self._uploads.get(fault.key):
            return is_busy or upload.written.timestamp() > now - grace
        if fault.kind == "stuck" and known:
            return is_busy and max(known.lease, known.updated) > now - STUCK_SECONDS
        return is_busy and fault.kind not in ALONE

    def _upload(self, kind: Kind, original: Listed, detail: str) -> None:
        self._uploads[original.key] = original
        self._details[kind, original.key].append(detail)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check has found."""

    comparison: Comparison
    faults: list[Fault]
    under_way: list[Fault]
    """What does not fit, but is being worked on, or may be."""
    queue: dict[str, int]


def check(cloud: Cloud, prefix: str, grace: float, tell: Tell) -> Findings:
    """Compare all that belongs to the originals under a prefix, while work may go on.

    What changed during the check is left for the next one: it counts as under way, as does what S3
    took within the last ``grace`` seconds and has no entry yet.
    """
    comparison = Comparison()
    for entry in _counted("entries", cloud.catalog.all(), tell):
        if entry["filename"].startswith(prefix):
            comparison.entries[entry["filename"]] = Known.of(entry)
    for original in _counted("originals", cloud.objects("RawBucket", prefix), tell):
        comparison.add_original(original)
    for target in _counted("renditions", cloud.objects("ProcessedBucket", FOLDER + prefix), tell):
        # The prefix may have ended in a rendition's name.
        if split(target.key)[0].startswith(prefix):
            comparison.add_stored(target)
    # After the buckets and before the entries: a message is either still in the queue, or its
    # entry has changed.
    queue = cloud.queue_depths()
    is_busy = any(queue[state] for state in BUSY)
    now = time.time()
    found = list(comparison.faults(now))
    newest = cloud.entries({each.key for each in found if each.key})
    faults: list[Fault] = []
    under_way: list[Fault] = []
    for fault in found:
        now_there, known = newest.get(fault.key), comparison.entries.get(fault.key)
        has_changed = (now_there and version(now_there)) != (known and known.version)
        waits = has_changed or comparison.is_under_way(fault, now, grace, is_busy=is_busy)
        (under_way if waits else faults).append(fault)
    return Findings(comparison, faults, under_way, queue)


def _since(known: Known, now: float) -> str:
    if known.lease:
        return f"its lease ended {_minutes(now - known.lease)} ago"
    return f"no attempt is at work; the last one ended {_minutes(now - known.updated)} ago"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _counted[T](what: str, items: Iterable[T], tell: Tell) -> Iterator[T]:
    for count, item in enumerate(items, 1):
        if count % 1000 == 0:
            tell(what, count)
        yield item
