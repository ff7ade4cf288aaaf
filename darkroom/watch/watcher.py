"""The work of ``darkroom watch``: files that settle are uploaded and followed to their outcome."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from darkroom.cloud import Cloud, UnsafeKeyError
from darkroom.dev.bursts import Bursts
from darkroom.terminal.labels import why_held
from darkroom.watch.etag import uploaded
from darkroom.watch.outage import (
    CLOUD_ERRORS,
    Outage,
    is_passing,
)
from darkroom.watch.progress import Board
from darkroom.watch.stable_files import Settling
from darkroom.watch.stalled import Lost
from processor.catalog.entries import Entry

PARALLEL = 4
POLL_SECONDS = 0.2
IDLE_SECONDS = 2.0
"""How often to look where no event is to be expected: a share that others write to has none."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An original that is in the cloud, and how its outcome is told from others'."""

    was_there: bool
    etag: str | None = None
    """Its outcome's, where it was there."""
    after: str = ""
    """The sequencer that its outcome replaces, where it was sent."""

    def has_outcome(self, entry: Entry) -> bool:
        """Whether the entry is of this original, and not of one before it."""
        if self.was_there:
            return entry.get("etag", self.etag) == self.etag
        return entry["sequencer"] != self.after


@dataclass
class Watch:
    """One folder and one deployed pipeline."""

    cloud: Cloud
    root: Path
    board: Board
    out: Path | None = None
    prefix: str = ""
    recipe: str | None = None
    delete: bool = False
    """Whether an original is deleted when its file is."""
    _sending: dict[Path, Future[Sent]] = field(default_factory=dict, init=False)
    _followed: dict[str, Sent] = field(default_factory=dict, init=False)
    """By their keys, originals without an outcome."""
    _fetching: dict[str, tuple[Sent, Future[str]]] = field(default_factory=dict, init=False)
    _undeleted: set[Path] = field(default_factory=set, init=False)
    """Files that are gone, whose originals the endpoint could not be asked to delete."""
    _sent_again: set[str] = field(default_factory=set, init=False)
    """Keys of originals of which nothing was heard."""
    _outage: Outage = field(init=False)
    _lost: Lost = field(init=False)

    def __post_init__(self) -> None:
        self._outage = Outage(self._ask, self.board.say)
        self._lost = Lost(self._is_idle)

    def run(self, *, once: bool = False) -> None:
        """Work until somebody interrupts it, or ``once`` until all that is there has its end."""
        left_out = (self.out,) if self.out else ()
        settling = Settling(self.root, left_out)
        pool = ThreadPoolExecutor(PARALLEL)
        try:
            with Bursts([self.root]) as bursts:
                while True:
                    is_busy = self._work(pool, settling, bursts)
                    if once and not is_busy and not settling.is_waiting():
                        return
                    bursts.wait(POLL_SECONDS if is_busy or settling.is_waiting() else IDLE_SECONDS)
        finally:
            pool.shutdown(cancel_futures=True)

    def _work(self, pool: ThreadPoolExecutor, settling: Settling, bursts: Bursts) -> bool:
        """Do what can be done now; answers whether something is under way."""
        if self._is_there():
            settled, gone = settling.look(time.monotonic(), bursts.take_complete())
            for path in settled:
                self._begin(pool, path, settling)
            for path in (*gone, *self._undeleted):
                self._gone(path)
            self._collect_sent(settling)
            self._collect_fetched()
            try:
                self._collect_outcomes(pool)
                self._send_lost(pool)
            except CLOUD_ERRORS as error:
                self._note(error)
        return bool(self._sending or self._followed or self._fetching or self._undeleted)

    def _is_there(self) -> bool:
        """Whether the cloud answers; what an outage kept from it is taken up at its end."""
        was_away = self._outage.is_on
        if not self._outage.is_over(time.monotonic()):
            return False
        if was_away:
            self._lost.suspect(self._followed)
        return True

    def _note(self, error: Exception) -> None:
        """Take an error for the cloud's being away; raises what is another."""
        if not is_passing(error):
            raise error
        self._outage.begin(error, time.monotonic())

    def _ask(self) -> None:
        """Ask each service that is needed."""
        # Not by a HEAD, whose answer does not say that it is the bucket that is not there yet.
        self.cloud.s3.list_objects_v2(Bucket=self.cloud.outputs["RawBucket"], MaxKeys=1)
        self.cloud.entries(["-"])
        self.cloud.queue_depths()

    def _is_idle(self) -> bool:
        depths = self.cloud.queue_depths()
        return not depths["waiting"] and not depths["in flight"]

    def key(self, path: Path) -> str:
        """The key of a file's original."""
        return self.prefix + path.relative_to(self.root).as_posix()

    def _begin(self, pool: ThreadPoolExecutor, path: Path, settling: Settling) -> None:
        key = self.key(path)
        if path in self._sending:
            settling.forget(path)  # saved again while it is sent: its turn comes
            return
        try:
            key.encode()
        except UnicodeEncodeError:
            self.board.put(repr(key), "failed", "The name is not UTF-8, as S3 demands. Rename it.")
            return
        self._undeleted.discard(path)
        self._sent_again.discard(key)
        self._submit(pool, path)

    def _submit(self, pool: ThreadPoolExecutor, path: Path, *, again: bool = False) -> None:
        key = self.key(path)
        self.board.put(key, "uploading", _size(path))
        self._sending[path] = pool.submit(self._send, path, key, again=again)

    def _send(self, path: Path, key: str, *, again: bool) -> Sent:
        entry = self.cloud.catalog.get(key)
        if not again and (etag := uploaded(self.cloud, path, key, entry)):
            return Sent(was_there=True, etag=etag)
        self.cloud.upload(path, key, lambda _: None, self.recipe)
        return Sent(was_there=False, after=entry["sequencer"] if entry else "")

    def _send_lost(self, pool: ThreadPoolExecutor) -> None:
        """Send once more what nothing is heard of."""
        for key in self._lost.look(time.monotonic(), self._followed):
            del self._followed[key]
            if key in self._sent_again:
                self.board.put(
                    key, "failed",
                    "Sent twice, and nothing is heard of it. `darkroom status` says what runs, "
                    "`darkroom check --repair` has it processed again.",
                )  # fmt: skip
                continue
            self._sent_again.add(key)
            self._submit(pool, self.root / key.removeprefix(self.prefix), again=True)

    def _collect_sent(self, settling: Settling) -> None:
        for path, future in list(self._sending.items()):
            if not future.done():
                continue
            del self._sending[path]
            key = self.key(path)
            try:
                self._followed[key] = future.result()
            except FileNotFoundError:
                settling.forget(path)
                self.board.put(key, "gone")
                continue
            except (OSError, *CLOUD_ERRORS) as error:
                if is_passing(error):
                    self._outage.begin(error, time.monotonic())
                    settling.forget(path)  # which is looked at when the endpoint answers again
                    self.board.put(key, "uploading", "Waits for the endpoint.")
                else:
                    self.board.put(key, "failed", f"Not uploaded: {error}")
                continue
            self.board.put(key, "queued")

    def _collect_outcomes(self, pool: ThreadPoolExecutor) -> None:
        if not self._followed:
            return
        for key, entry in self.cloud.entries(list(self._followed)).items():
            sent = self._followed[key]
            if not sent.has_outcome(entry):
                continue
            if entry["status"] == "processing":
                self.board.put(key, "processing")
                continue
            del self._followed[key]
            if failed := entry.get("failed_request"):
                self.board.put(key, "failed", failed["message"])
            elif entry["status"] == "done":
                self._fetching[key] = (sent, pool.submit(self._fetch, entry, sent))
            elif entry["status"] == "failed":
                self.board.put(key, "failed", entry["error"]["message"])
            elif entry["status"] in ("review", "rejected"):
                self.board.put(key, "held", f"{entry['status']}: {why_held(entry)}")
            else:
                self.board.put(key, "gone", "The original was deleted meanwhile.")

    def _fetch(self, entry: Entry, sent: Sent) -> str:
        """Bring an entry's renditions here, where they are not; answers what there is."""
        there = entry["renditions"]
        saved = ""
        if self.out and not (sent.was_there and self._has_all(self.out, entry)):
            saved = f", {len(list(self.cloud.download(entry, self.out)))} saved"
        how = "already there: " if sent.was_there else ""
        return (
            f"{how}{len(there)} renditions, {sum(each['bytes'] for each in there):,} bytes{saved}"
        )

    @staticmethod
    def _has_all(out: Path, entry: Entry) -> bool:
        folder = out / entry["filename"].lstrip("/")
        for rendition in entry["renditions"]:
            file = folder / Path(rendition["key"]).name
            if not file.is_file() or file.stat().st_size != rendition["bytes"]:
                return False
        return True

    def _collect_fetched(self) -> None:
        for key, (sent, future) in list(self._fetching.items()):
            if not future.done():
                continue
            del self._fetching[key]
            try:
                note = future.result()
            except (OSError, UnsafeKeyError, *CLOUD_ERRORS) as error:
                if is_passing(error):
                    self._outage.begin(error, time.monotonic())
                    self._followed[key] = sent  # its outcome is found once more
                else:
                    self.board.put(key, "failed", f"Its renditions could not be fetched: {error}")
                continue
            self.board.put(key, "done", note)

    def _gone(self, path: Path) -> None:
        key = self.key(path)
        if not self.delete:
            self.board.put(key, "gone", "The original stays (--delete deletes it, too).")
            return
        self._followed.pop(key, None)
        try:
            self.cloud.s3.delete_object(Bucket=self.cloud.outputs["RawBucket"], Key=key)
        except CLOUD_ERRORS as error:
            self._note(error)
            self._undeleted.add(path)
            return
        self._undeleted.discard(path)
        self.board.put(key, "gone", "Its original is deleted, too.")


def _size(path: Path) -> str:
    try:
        return f"{path.stat().st_size:,} bytes"
    except OSError:
        return ""
