"""Requests that fail for published images, and what was published before each."""

import json
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plan import Failing, Work
from uploads import POLL_SECONDS, Queue

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.sqs.reprocess import message_of, new_request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TOO_LARGE = json.dumps(
    {
        "renditions": [
            {"name": "thumb", "resize": {"width": 10}, "output": {"format": "webp"}},
            {
                "name": "web",
                "resize": {"width": 9999, "enlarge": True},
                "output": {"format": "jpeg"},
            },
        ]
    }
)
"""A valid recipe that fails for every image; its first rendition could replace a published one."""

REQUESTS: dict[Failing, tuple[str, str | None]] = {
    "unknown recipe": ("no-such-recipe", None),
    "too large": (TOO_LARGE, "too-large-rendition"),
}
"""Recipes of failing requests, and the codes in the entry. A request with an unknown recipe is a
dead letter, until there is such a recipe."""


@dataclass(slots=True)
class FailingRequests:
    """Sends a failing request, or a corrupt original, once a key's newest version is published."""

    cloud: Cloud
    s3: "S3Client"
    queue: Queue
    published: dict[str, Entry] = field(default_factory=dict)
    """The entries of requested keys as they were before the request."""
    refused: int = 0
    """Number of requests that remain dead letters."""
    corrupted: int = 0
    """Number of published originals that were replaced by a corrupt file."""
    _waiting: dict[str, Work] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def sending(self, works: Iterable[Work]) -> Iterator[None]:
        """Send the requests of these works until the end of the block, in a thread."""
        self._waiting = {work.key: work for work in works if work.failing}
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=[over], daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def finish(self, put: Iterable[Work]) -> None:
        """Send those of uploaded works that are published by now, and all corrupt originals."""
        self._send_due()
        keys = {work.key for work in put}
        with self._lock:
            for key in self._waiting.keys() & keys:
                if self._waiting[key].failing == "corrupt":
                    self._replace(self._waiting[key])
            self._waiting.clear()

    def faults(self, entries: dict[str, Entry], works: Collection[Work]) -> Iterator[str]:
        """Yield the differences between what was published and what is now."""
        for work in works:
            if (before := self.published.get(work.key)) is None or work.failing is None:
                continue
            now = entries.get(work.key)
            if now is None or now["status"] != "done":
                yield f"{work.key}: is {now['status'] if now else 'gone'} after a failing request"
                continue
            _, code = REQUESTS[work.failing]
            if (failed := now.get("failed_request", {}).get("code")) != code:
                yield f"{work.key}: the request is recorded as {failed}, not as {code}"
            if _content(now) != _content(before):
                yield f"{work.key}: its published renditions have changed"

    def _run(self, over: threading.Event) -> None:
        while not over.wait(5 * POLL_SECONDS):
            self._send_due()

    def _send_due(self) -> None:
        with self._lock:
            for entry in self.cloud.entries(list(self._waiting)).values():
                work = self._waiting[entry["filename"]]
                if entry["status"] != "done" or entry["etag"] != work.first_etag:
                    continue
                del self._waiting[work.key]
                if work.failing == "corrupt":
                    self._replace(work)
                else:
                    self._request(work, entry)

    def _request(self, work: Work, entry: Entry) -> None:
        assert work.failing  # noqa: S101 (only these are waited for)
        recipe, code = REQUESTS[work.failing]
        request = new_request(work.key, entry["timestamp"], entry["sequencer"], recipe)
        body = message_of(self.cloud.outputs["RawBucket"], request)
        self.published[work.key] = entry
        self.refused += code is None
        self.queue.sqs.send_message(QueueUrl=self.queue.url, MessageBody=body)

    def _replace(self, work: Work) -> None:
        bucket = self.cloud.outputs["RawBucket"]
        self.s3.put_object(Bucket=bucket, Key=work.key, Body=work.newest.data)
        self.corrupted += 1


def _content(entry: Entry) -> dict[str, str]:
    """Return the ETags of an entry's renditions."""
    return {each["key"]: each["etag"] for each in entry["renditions"]}
