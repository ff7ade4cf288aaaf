"""The count: uploads compared with their outcomes."""

import io
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from outcomes import Outcomes
from PIL import Image
from plan import Work
from uploads import THREADS

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry, RenditionEntry
from processor.storage.renditions import MISSING, folder_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Kind = Literal[
    "lost", "doubled", "stale", "orphan", "wrong", "unpublished", "untold", "unsent", "invented"
]

EXPLAINED: dict[Kind, str] = {
    "lost": "keys without an outcome",
    "doubled": "changes with more than one outcome",
    "stale": "entries and renditions of an old version",
    "orphan": "stored objects without an entry",
    "wrong": "good images that are not done, bad ones without their error code, renditions that "
    "are missing or differ from their entry",
    "unpublished": "published images that a failing request removed or changed",
    "untold": "outcomes without an event",
    "unsent": "outcomes without a webhook",
    "invented": "events and webhooks of outcomes that were not committed",
}


@dataclass(slots=True)
class Count:
    """Numbers of checked objects, and the faults."""

    keys: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    renditions: int = 0
    decoded: int = 0
    reconciled: int = 0
    """Outcomes that were reconciled after a late older change."""
    faults: dict[Kind, list[str]] = field(
        default_factory=lambda: {kind: list[str]() for kind in EXPLAINED}
    )

    @property
    def is_clean(self) -> bool:
        """Whether no fault was found."""
        return not any(self.faults.values())


def count(
    cloud: Cloud, s3: "S3Client", works: Sequence[Work], said: Outcomes, decode_every: int
) -> Count:
    """Check entries, log and stored objects.

    Reads all renditions, and decodes those of every ``decode_every``-th image.
    """
    keys = {work.key for work in works}
    found = Count(keys=len(works))
    found.entries = {
        entry["filename"]: entry for entry in cloud.catalog.all() if entry["filename"] in keys
    }
    for work in works:
        _check_entry(work, found)
    _check_commits(keys, said, found)
    _check_stored(cloud, works, found)
    bucket = cloud.outputs["ProcessedBucket"]
    done = [each for each in found.entries.values() if each["status"] == "done"]
    reads = [
        (entry, rendition, _decoded if number % decode_every == 0 else None)
        for number, entry in enumerate(done)
        for rendition in entry["renditions"]
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        results = pool.map(lambda each: _fault(s3, bucket, *each), reads)
        for (entry, rendition, decoder), fault in zip(reads, results, strict=True):
            found.renditions += 1
            found.decoded += decoder is not None
            if fault:
                kind, what = fault
                found.faults[kind].append(f"{entry['filename']}: {rendition['key']} {what}")
    return found


def _check_entry(work: Work, found: Count) -> None:
    entry = found.entries.get(work.key)
    if entry is None:
        found.faults["lost"].append(f"{work.key}: has no entry")
        return
    status = entry["status"]
    if status == "processing":
        found.faults["lost"].append(f"{work.key}: is still processing")
    elif work.removed and not work.restored:
        if status != "deleted":
            found.faults["stale"].append(f"{work.key}: was deleted, but its entry is {status}")
    elif status == "deleted":
        found.faults["stale"].append(f"{work.key}: exists, but its entry is deleted")
    elif status == "done" and entry["etag"] != work.newest.etag:
        found.faults["stale"].append(f"{work.key}: the entry is of an old version")
    elif _code(entry) != work.newest.code:
        wanted, got = work.newest.code or "done", _code(entry) or "done"
        found.faults["wrong"].append(f"{work.key}: {got} instead of {wanted}")


def _check_commits(keys: Container[str], said: Outcomes, found: Count) -> None:
    """Each change has at most one outcome, and one more for each reconciliation."""
    for (key, sequencer), commits in said.commits.items():
        again = said.reconciled[key, sequencer]
        if key in keys and commits > 1 + again:
            found.faults["doubled"].append(f"{key}: {commits} outcomes of {sequencer}")
    found.reconciled = sum(count for (key, _), count in said.reconciled.items() if key in keys)


def _check_stored(cloud: Cloud, works: Iterable[Work], found: Count) -> None:
    """Each stored object is in an entry."""
    named = {
        rendition["key"]
        for entry in found.entries.values()
        if entry["status"] in ("done", "processing")
        for rendition in entry.get("renditions", ())
    }
    folders = {folder_of(work.key) for work in works}
    for each in cloud.objects("ProcessedBucket", ""):
        folder = each.key[: each.key.rindex("/") + 1]
        if folder in folders and each.key not in named:
            found.faults["orphan"].append(each.key)


def _fault(
    s3: "S3Client",
    bucket: str,
    entry: Entry,
    rendition: RenditionEntry,
    decoder: Callable[[bytes], tuple[int, int, str]] | None,
) -> tuple[Kind, str] | None:
    """Return the fault of a stored rendition, if any."""
    try:
        stored = s3.get_object(Bucket=bucket, Key=rendition["key"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in MISSING:
            raise
        return "wrong", "is missing"
    data = stored["Body"].read()
    # A failed request leaves its sequencer in the entry: the renditions are older.
    sequencer = stored["Metadata"].get("sequencer", "")
    if sequencer > entry["sequencer"] or (
        sequencer != entry["sequencer"] and "failed_request" not in entry
    ):
        return "stale", "is of another version"
    if len(data) != rendition["bytes"] or stored["ContentType"] != rendition["type"]:
        return "wrong", "differs from the entry"
    if decoder:
        wanted, got = (rendition["width"], rendition["height"], rendition["type"]), decoder(data)
        if got != wanted:
            return "wrong", f"is {got} and not {wanted}"
    return None


def _decoded(data: bytes) -> tuple[int, int, str]:
    """Decode an image; return its width, height and content type."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return *image.size, Image.MIME[image.format or ""]


def _code(entry: Entry) -> str | None:
    return entry["error"]["code"] if entry["status"] == "failed" else None
