"""The consistency check: originals, entries, the index, renditions and variants are compared.

The catalog has no order, so the check holds what it needs of it in memory: about 1.5 kB for
each entry. Both buckets are then read once, page by page, and the metadata of each variant.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched
from typing import Literal, get_args

from darkroom.clock import clock
from darkroom.cloud import Cloud, Object
from darkroom.operations.index_check import FOLLOW_SECONDS, IndexSums
from processor.catalog.entries import Entry
from processor.catalog.metadata import is_out_of_focus
from processor.catalog.published import is_original_deleted
from processor.sqs.late_sweeps import DELAY_SECONDS
from processor.storage import variants
from processor.storage.renditions import folder_of
from processor.storage.versions import histories, restorable

Kind = Literal[
    "no-entry",
    "no-original",
    "stuck",
    "stale",
    "out-of-focus",
    "not-deleted",
    "missing",
    "orphan",
    "stale-variant",
    "unindexed",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

NOT_PENDING = ("missing", "orphan")
"""Faults that no message in the queue explains."""

FOLDER = folder_of("").removesuffix("/")
"""The prefix of all renditions in the processed bucket."""

READERS = 16
"""Variants whose metadata is read in parallel."""

PENDING = ("waiting", "in flight")
"""Queue depths of messages that the function has not acknowledged."""

DAY = 24 * 3600

STUCK_SECONDS = 15 * 60
"""After the end of an attempt: every retry is delivered within this time."""

Report = Callable[[str, int], None]
"""Receives what is being read, and how many were read so far."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An inconsistency of one key."""

    kind: Kind
    key: str
    """The key of the original; empty for an object that belongs to none."""
    detail: str
    """A description for people."""


@dataclass(slots=True)
class Known:
    """What the check holds of an entry."""

    status: str
    version: tuple[str, str, str]
    """Changes with every write of the entry."""
    lease: float
    updated: float
    etag: str | None
    of_variants: str
    """The version of variants that belong to it."""
    recipe: str | None
    uploaded: float
    """When S3 stored the original, in seconds since 1970."""
    is_original_deleted: bool
    """Whether the original was deleted after processing, or is about to be."""
    has_original_expired: bool
    """Whether a lifecycle rule has deleted the original."""
    is_out_of_focus: bool
    """Whether the renditions follow another focal point, and no request has failed to change it."""
    missing: dict[str, tuple[int, str]]
    """The size in bytes and ETag of each rendition that was not found so far, by key."""
    renditions: frozenset[str]
    has_original: bool = False

    @classmethod
    def of(cls, entry: Entry) -> "Known":
        """Return what the check needs of an entry."""
        renditions = entry.get("renditions", [])
        return cls(
            status=entry["status"],
            version=version(entry),
            lease=entry.get("lease", 0),
            updated=datetime.fromisoformat(entry["updated"]).timestamp(),
            etag=entry.get("etag"),
            of_variants=variants.version_of(entry),
            recipe=entry.get("recipe"),
            uploaded=datetime.fromisoformat(entry["timestamp"]).timestamp(),
            is_original_deleted=is_original_deleted(entry),
            has_original_expired=entry.get("original") == "expired",
            is_out_of_focus=is_out_of_focus(entry) and "failed_request" not in entry,
            missing={each["key"]: (each["bytes"], each["etag"]) for each in renditions},
            renditions=frozenset(each["key"] for each in renditions),
        )


def version(entry: Entry) -> tuple[str, str, str]:
    """Return what changes with every write of an entry."""
    return entry["sequencer"], entry.get("owner", ""), entry["updated"]


def split(target: str, folder: str = FOLDER) -> tuple[str, str]:
    """Split a key of the processed bucket into the original's key and the file's name.

    An original's key may contain slashes, a file name contains none.
    """
    key, _, name = target.removeprefix(folder).rpartition("/")
    return key, name


@dataclass(slots=True)
class Comparison:
    """The comparison so far; the entries are added first, then the buckets' objects."""

    entries: dict[str, Known] = field(default_factory=dict)
    retention_days: int = 0
    """Days after which a lifecycle rule deletes originals, whose renditions stay; 0: never."""
    originals: int = 0
    stored: int = 0
    variants: int = 0
    unindexed: dict[str, str] = field(default_factory=dict)
    """Keys whose part of the index differs from the entry, and how."""
    began: float = 0
    """When the check did, in seconds since 1970."""
    _uploads: dict[str, Object] = field(default_factory=dict)
    """Originals that differ from their entries."""
    _late: set[str] = field(default_factory=set)
    """Keys with stale variants that a late sweep may delete."""
    _details: dict[tuple[Kind, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add_original(self, original: Object) -> None:
        """Compare an object of the raw bucket with its entry."""
        self.originals += 1
        known = self.entries.get(original.key)
        if known is None:
            self._upload("no-entry", original, f"uploaded {original.time}")
            return
        known.has_original = True
        if known.status == "deleted":
            self._upload("no-entry", original, f"uploaded {original.time}; the entry is deleted")
        elif known.status != "processing" and known.etag not in (None, original.etag):
            detail = f"the entry has ETag {known.etag}, the original {original.etag}"
            self._upload("stale", original, detail)
        elif known.status == "done" and known.is_original_deleted:
            detail = "the original should have been deleted after processing"
            self._details["not-deleted", original.key].append(detail)

    def add_stored(self, target: Object) -> None:
        """Compare an object of the processed bucket with the entry of its original."""
        self.stored += 1
        key, name = split(target.key)
        known = self.entries.get(key)
        if known is None or target.key not in known.renditions:
            if known is None or known.status != "processing":
                advice = "" if key else " (belongs to no original: delete this object from S3)"
                self._details["orphan", key].append(name + advice)
            return
        size, etag = known.missing.pop(target.key)
        if known.status != "done":
            return
        if size != target.size:
            detail = f"{name} has {target.size:,} bytes instead of {size:,}"
            self._details["missing", key].append(detail)
        elif etag != target.etag:
            self._details["missing", key].append(f"{name} has another ETag than in the entry")

    def add_variant(self, target: Object, version: str, now: float, grace: float) -> None:
        """Compare a stored variant of a version with the entry of its original."""
        self.variants += 1
        key, name = split(target.key, variants.FOLDER)
        known = self.entries.get(key)
        if known and known.status == "processing":
            return
        if known is None or known.status != "done":
            self._details["orphan", key].append(f"variant {name}")
        elif version != known.of_variants:
            self._details["stale-variant", key].append(name)
            if target.modified.timestamp() > now - DELAY_SECONDS - grace:
                self._late.add(key)

    def faults(self, now: float) -> Iterator[Fault]:
        """Return all faults by kind, then in the order of the keys' UTF-8."""
        for key, known in self.entries.items():
            if known.status == "deleted":
                continue
            if not known.has_original and not self._may_be_gone(known, now):
                self._details["no-original", key].append(f"the entry is {known.status}")
            elif known.status == "done":
                self._details["missing", key] += [split(target)[1] for target in known.missing]
            if known.status == "processing" and known.lease <= now:
                self._details["stuck", key].append(_since(known, now))
            if known.is_out_of_focus:
                self._details["out-of-focus", key].append("the focal point was edited")
        for key, detail in self.unindexed.items():
            self._details["unindexed", key].append(detail)
        found = [
            Fault(kind, key, ", ".join(details))
            for (kind, key), details in self._details.items()
            if details
        ]
        return iter(sorted(found, key=lambda each: (KINDS.index(each.kind), each.key.encode())))

    def _may_be_gone(self, known: Known, now: float) -> bool:
        """Return whether the pipeline or a lifecycle rule has deleted a published original."""
        days = self.retention_days
        is_old = known.status == "done" and 0 < days * DAY <= now - known.uploaded
        return known.is_original_deleted or known.has_original_expired or is_old

    def is_pending(self, fault: Fault, now: float, grace: float, *, is_busy: bool) -> bool:
        """Whether work in progress, a message in the queue or a late one may explain a fault.

        S3 may take ``grace`` seconds to notify the queue of an upload.
        """
        known = self.entries.get(fault.key)
        if fault.kind == "unindexed":
            return known is not None and known.updated > self.began - min(grace, FOLLOW_SECONDS)
        if known and known.lease > now:
            return True
        if upload := self._uploads.get(fault.key):
            return is_busy or upload.modified.timestamp() > now - grace
        if fault.kind == "stale-variant":
            return fault.key in self._late
        if fault.kind == "stuck" and known:
            return is_busy and max(known.lease, known.updated) > now - STUCK_SECONDS
        return is_busy and fault.kind not in NOT_PENDING

    def _upload(self, kind: Kind, original: Object, detail: str) -> None:
        self._uploads[original.key] = original
        self._details[kind, original.key].append(detail)


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of a check."""

    comparison: Comparison
    faults: list[Fault]
    pending: list[Fault]
    """Inconsistencies that work in progress may explain."""
    queue: dict[str, int]


def check(cloud: Cloud, prefix: str, grace: float, report: Report) -> Findings:
    """Compare all that belongs to the originals under a prefix, also while the pipeline works.

    Keys that changed during the check are pending, as are uploads of the last ``grace`` seconds
    without an entry.
    """
    comparison = Comparison(retention_days=cloud.retention_days)
    began = clock.now()
    report("items of the index", 0)
    index = IndexSums.read(cloud, prefix)
    for entry in _counted("entries", cloud.catalog.all(), report):
        if entry["filename"].startswith(prefix):
            comparison.entries[entry["filename"]] = Known.of(entry)
            if not index.takes(entry):
                comparison.unindexed[entry["filename"]] = "the index differs from the entry"
    comparison.unindexed |= dict.fromkeys(index.left, "the index has it, and there is no entry")
    comparison.began = began
    for original in _counted("originals", cloud.objects("RawBucket", prefix), report):
        comparison.add_original(original)
    for target in _counted("renditions", cloud.objects("ProcessedBucket", FOLDER + prefix), report):
        # The prefix may match the beginning of a file name.
        if split(target.key)[0].startswith(prefix):
            comparison.add_stored(target)
    _add_variants(comparison, cloud, prefix, grace, report)
    # After the buckets and before the entries: either a message is still in the queue, or its
    # entry has changed.
    queue = cloud.queue_depths()
    is_busy = any(queue[state] for state in PENDING)
    now = clock.now()
    found = list(comparison.faults(now))
    found = _with_restorable(cloud, prefix, found)
    newest = cloud.entries({each.key for each in found if each.key})
    faults: list[Fault] = []
    pending: list[Fault] = []
    for fault in found:
        current, known = newest.get(fault.key), comparison.entries.get(fault.key)
        has_changed = (current and version(current)) != (known and known.version)
        is_pending = has_changed or comparison.is_pending(fault, now, grace, is_busy=is_busy)
        (pending if is_pending else faults).append(fault)
    return Findings(comparison, faults, pending, queue)


def _with_restorable(cloud: Cloud, prefix: str, faults: list[Fault]) -> list[Fault]:
    """Return the faults, with a remark on missing originals that can be restored."""
    if not cloud.undelete_days or not any(each.kind == "no-original" for each in faults):
        return faults
    versions = histories(cloud.s3, cloud.outputs["RawBucket"], prefix)
    deleted = {
        each[0].key for each in versions if restorable(each, cloud.undelete_days, clock.utc())
    }
    return [
        replace(each, detail=f"{each.detail}; `darkroom restore` can restore the original")
        if each.kind == "no-original" and each.key in deleted
        else each
        for each in faults
    ]


def _add_variants(
    comparison: Comparison, cloud: Cloud, prefix: str, grace: float, report: Report
) -> None:
    """Compare the stored variants of originals under a prefix."""
    listed = cloud.objects("ProcessedBucket", variants.FOLDER + prefix)
    found = (each for each in listed if split(each.key, variants.FOLDER)[0].startswith(prefix))
    with ThreadPoolExecutor(READERS) as pool:
        for batch in batched(_counted("variants", found, report), 1000, strict=False):
            versions = pool.map(cloud.variants.version, (each.key for each in batch))
            for target, version in zip(batch, versions, strict=True):
                if version is not None:
                    comparison.add_variant(target, version, clock.now(), grace)


def _since(known: Known, now: float) -> str:
    if known.lease:
        return f"its lease ended {_minutes(now - known.lease)} ago"
    return f"no attempt is in progress; the last one ended {_minutes(now - known.updated)} ago"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _counted[T](what: str, items: Iterable[T], report: Report) -> Iterator[T]:
    for count, item in enumerate(items, 1):
        if count % 1000 == 0:
            report(what, count)
        yield item
