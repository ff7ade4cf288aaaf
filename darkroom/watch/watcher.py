"""The work of ``darkroom watch``: stable files are uploaded and followed to their results."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from darkroom.cloud import Cloud, key_name
from darkroom.errors import AWS_ERRORS, CommandError
from darkroom.terminal.labels import hold_reasons
from darkroom.watch.etag import uploaded
from darkroom.watch.file_events import FileEvents
from darkroom.watch.outage import Outage, is_transient
from darkroom.watch.progress import ProgressTable
from darkroom.watch.stable_files import StableFiles
from darkroom.watch.stalled import StalledUploads
from processor.catalog.entries import Entry

PARALLEL = 4
POLL_SECONDS = 0.2
LOOK_SECONDS = 5.0
"""Pause between looks at the entries while the change feed does not move."""
IDLE_SECONDS = 2.0
"""Pause between scans without events: a network share reports no changes by other machines."""


@dataclass(frozen=True, slots=True)
class Original:
    """An original in the cloud, and how to recognize its result."""

    existed: bool
    """Whether it was there before and did not have to be uploaded."""
    etag: str | None = None
    """The ETag of its result, if it existed."""
    after: str = ""
    """The sequencer that its result supersedes, if it was uploaded."""

    def has_result(self, entry: Entry) -> bool:
        """Whether the entry describes this original, and not an earlier one."""
        if self.existed:
            return entry.get("etag", self.etag) == self.etag
        return entry["sequencer"] != self.after


@dataclass
class Watcher:
    """One folder and one deployed pipeline."""

    cloud: Cloud
    root: Path
    progress: ProgressTable
    out: Path | None = None
    prefix: str = ""
    recipe: str | None = None
    delete: bool = False
    """Whether an original is deleted with its file."""
    clock: Callable[[], float] = time.monotonic
    _uploading: dict[Path, Future[Original]] = field(default_factory=dict, init=False)
    _pending: dict[str, Original] = field(default_factory=dict, init=False)
    """Originals without a result, by key."""
    _newest: int = field(default=-1, init=False)
    """The newest record of the change feed at the last look at the entries."""
    _seen: set[str] = field(default_factory=set, init=False)
    """Keys of the originals at that look."""
    _looked: float = field(default=0.0, init=False)
    """When that was, by ``clock``."""
    _downloading: dict[str, tuple[Original, Future[str]]] = field(default_factory=dict, init=False)
    _undeleted: set[Path] = field(default_factory=set, init=False)
    """Deleted files whose originals could not be deleted during an outage."""
    _repeated: set[str] = field(default_factory=set, init=False)
    """Keys of originals that stalled and were uploaded again."""
    _paths: dict[str, Path] = field(default_factory=dict, init=False)
    """The file of each key. Two names that differ in their Unicode form only have one key."""
    _twins: dict[Path, list[Path]] = field(default_factory=dict, init=False)
    """Files whose key is another file's, by that file."""
    _linked: set[Path] = field(default_factory=set, init=False)
    """Linked folders that were reported."""
    _outage: Outage = field(init=False)
    _stalled: StalledUploads = field(init=False)

    def __post_init__(self) -> None:
        self._outage = Outage(self._probe, self.progress.print)
        self._stalled = StalledUploads(self._is_idle)

    def run(self, *, once: bool = False) -> None:
        """Work until Ctrl-C; with ``once``, until every file has its result."""
        files = StableFiles(self.root, (self.out,) if self.out else ())
        pool = ThreadPoolExecutor(PARALLEL)
        try:
            with FileEvents([self.root]) as events:
                while True:
                    is_busy = self.work(pool, files, events)
                    if once and not is_busy and not files.is_pending():
                        return
                    events.wait(POLL_SECONDS if is_busy or files.is_pending() else IDLE_SECONDS)
        finally:
            pool.shutdown(cancel_futures=True)

    def work(self, pool: ThreadPoolExecutor, files: StableFiles, events: FileEvents) -> bool:
        """Do what can be done without waiting; returns whether anything is in progress."""
        if self._is_available():
            stable, gone = files.scan(self.clock(), events.take_closed())
            self._report_links(files.linked)
            for path in stable:
                self._begin(pool, path, files)
            for path in (*gone, *self._undeleted):
                self._delete(path)
                for twin in self._twins.pop(path, ()):
                    files.forget(twin)
            self._collect_uploads(files)
            self._collect_downloads()
            try:
                self._collect_results(pool)
                self._repeat_stalled(pool)
            except AWS_ERRORS as error:
                self._begin_outage(error)
        return bool(self._uploading or self._pending or self._downloading or self._undeleted)

    def _is_available(self) -> bool:
        """Whether the endpoint responds; at the end of an outage, pending uploads are suspects."""
        was_out = self._outage.is_on
        if not self._outage.is_over(self.clock()):
            return False
        if was_out:
            self._stalled.suspect(self._pending)
        return True

    def _begin_outage(self, error: Exception) -> None:
        """Take a transient error for an outage; raises any other."""
        if not is_transient(error):
            raise error
        self._outage.begin(error, self.clock())

    def _probe(self) -> None:
        """Send a request to each service that the work needs."""
        # HeadObject returns the same 404 for a missing bucket and a missing key.
        self.cloud.s3.list_objects_v2(Bucket=self.cloud.outputs["RawBucket"], MaxKeys=1)
        self.cloud.entries(["-"])
        self.cloud.queue_depths()

    def _is_idle(self) -> bool:
        depths = self.cloud.queue_depths()
        return not depths["waiting"] and not depths["in flight"]

    def key(self, path: Path) -> str:
        """Return the key of a file's original."""
        return self.prefix + key_name(path.relative_to(self.root).as_posix())

    def _report_links(self, folders: set[Path]) -> None:
        for folder in sorted(folders - self._linked):
            self.progress.print(
                f"{folder} is a link to a folder, which is not followed. To process its images, "
                "watch that folder too, or move them here."
            )
        self._linked = set(folders)

    def _begin(self, pool: ThreadPoolExecutor, path: Path, files: StableFiles) -> None:
        key = self.key(path)
        if path in self._uploading:
            files.forget(path)  # saved again during its upload, which is followed by another
            return
        try:
            key.encode()
        except UnicodeEncodeError:
            note = "The name is not UTF-8, which S3 requires. Rename the file."
            self.progress.put(repr(key), "failed", note)
            return
        owner = self._paths.setdefault(key, path)
        if owner != path and owner.exists():
            self._twins.setdefault(owner, []).append(path)
            self.progress.put(
                str(path.relative_to(self.root)),
                "failed",
                f"Not uploaded: it has the key {key!r} of another file, whose name has the same "
                "characters in another Unicode form. Rename one of them.",
            )
            return
        self._paths[key] = path
        self._undeleted.discard(path)
        self._repeated.discard(key)
        self._submit(pool, path)

    def _submit(self, pool: ThreadPoolExecutor, path: Path, *, again: bool = False) -> None:
        key = self.key(path)
        self.progress.put(key, "uploading", _size(path))
        self._uploading[path] = pool.submit(self._upload, path, key, again=again)

    def _upload(self, path: Path, key: str, *, again: bool) -> Original:
        entry = self.cloud.catalog.get(key)
        if not again and (etag := uploaded(self.cloud, path, key, entry)):
            return Original(existed=True, etag=etag)
        self.cloud.upload(path, key, lambda _: None, self.recipe)
        return Original(existed=False, after=entry["sequencer"] if entry else "")

    def _repeat_stalled(self, pool: ThreadPoolExecutor) -> None:
        """Upload stalled originals again, each once."""
        for key in self._stalled.look(self.clock(), self._pending):
            del self._pending[key]
            if key in self._repeated:
                self.progress.put(
                    key,
                    "failed",
                    "Uploaded twice without a result. To see the queue, run `darkroom status`. To "
                    "process the image again, run `darkroom check --repair`.",
                )
                continue
            self._repeated.add(key)
            self._submit(pool, self._paths[key], again=True)

    def _collect_uploads(self, files: StableFiles) -> None:
        for path, future in list(self._uploading.items()):
            if not future.done():
                continue
            del self._uploading[path]
            key = self.key(path)
            try:
                self._pending[key] = future.result()
            except FileNotFoundError:
                files.forget(path)
                self.progress.put(key, "gone")
                continue
            except (OSError, *AWS_ERRORS) as error:
                if is_transient(error):
                    self._outage.begin(error, self.clock())
                    files.forget(path)  # it is uploaded after the outage
                    self.progress.put(key, "uploading", "Waiting for the endpoint.")
                else:
                    self.progress.put(key, "failed", f"The upload failed: {error}")
                continue
            self.progress.put(key, "queued")

    def _collect_results(self, pool: ThreadPoolExecutor) -> None:
        if not self._pending:
            return
        # Before the entries: a change that is committed meanwhile moves the feed again.
        newest = self.cloud.feed.newest().number
        is_due = self.clock() >= self._looked + LOOK_SECONDS
        if newest == self._newest and self._pending.keys() <= self._seen and not is_due:
            return
        found = self.cloud.entries(list(self._pending))
        self._newest, self._seen, self._looked = newest, {*self._pending}, self.clock()
        for key, entry in found.items():
            original = self._pending[key]
            if not original.has_result(entry):
                continue
            if entry["status"] == "processing":
                self.progress.put(key, "processing")
                continue
            del self._pending[key]
            if failed := entry.get("failed_request"):
                self.progress.put(key, "failed", failed["message"])
            elif entry["status"] == "done":
                download = pool.submit(self._download, entry, original)
                self._downloading[key] = (original, download)
            elif entry["status"] == "failed":
                self.progress.put(key, "failed", entry["error"]["message"])
            elif entry["status"] in ("review", "rejected"):
                self.progress.put(key, "held", f"{entry['status']}: {hold_reasons(entry)}")
            else:
                self.progress.put(key, "gone", "The original was deleted during processing.")

    def _download(self, entry: Entry, original: Original) -> str:
        """Save an entry's renditions, unless they are here; returns a note on them."""
        renditions = entry["renditions"]
        saved = ""
        if self.out and not (original.existed and self._has_all(self.out, entry)):
            saved = f", {len(list(self.cloud.download(entry, self.out)))} saved"
        prefix = "already processed: " if original.existed else ""
        size = sum(each["bytes"] for each in renditions)
        return f"{prefix}{len(renditions)} renditions, {size:,} bytes{saved}"

    @staticmethod
    def _has_all(out: Path, entry: Entry) -> bool:
        folder = out / entry["filename"].lstrip("/")
        for rendition in entry["renditions"]:
            file = folder / Path(rendition["key"]).name
            if not file.is_file() or file.stat().st_size != rendition["bytes"]:
                return False
        return True

    def _collect_downloads(self) -> None:
        for key, (original, future) in list(self._downloading.items()):
            if not future.done():
                continue
            del self._downloading[key]
            try:
                note = future.result()
            except (OSError, CommandError, *AWS_ERRORS) as error:
                if is_transient(error):
                    self._outage.begin(error, self.clock())
                    self._pending[key] = original  # the result is collected again
                else:
                    note = f"The renditions could not be downloaded: {error}"
                    self.progress.put(key, "failed", note)
                continue
            self.progress.put(key, "done", note)

    def _delete(self, path: Path) -> None:
        key = self.key(path)
        if self._paths.get(key, path) != path:
            self._undeleted.discard(path)
            return  # renamed to another Unicode form, or not uploaded because of its twin
        self._paths.pop(key, None)
        if not self.delete:
            self.progress.put(key, "gone", "The original remains. To delete it too, use --delete.")
            return
        self._pending.pop(key, None)
        try:
            self.cloud.s3.delete_object(Bucket=self.cloud.outputs["RawBucket"], Key=key)
        except AWS_ERRORS as error:
            self._begin_outage(error)
            self._undeleted.add(path)
            return
        self._undeleted.discard(path)
        self.progress.put(key, "gone", "The original is deleted, too.")


def _size(path: Path) -> str:
    try:
        return f"{path.stat().st_size:,} bytes"
    except OSError:
        return ""
