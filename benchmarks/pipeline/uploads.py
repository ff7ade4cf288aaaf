"""Uploads at the pipeline's rate, and duplicate events."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from plan import TAPPED, Work

from processor.storage.versions import history, restore
from tests.queues import ServiceQueue, service_queue

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

THREADS = 4
POLL_SECONDS = 0.1
LATE_SECONDS = 3.0
"""Seconds after a key's last event at which its oldest is sent again."""


@dataclass(slots=True)
class Queue:
    """An SQS queue, and its depth."""

    sqs: "SQSClient"
    url: str

    def depth(self) -> int:
        """Return the number of messages, in-flight ones included."""
        known = self.sqs.get_queue_attributes(
            QueueUrl=self.url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return sum(map(int, known.values()))

    def wait_until_empty(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Return when the queue was empty three times in a row."""
        quiet = 0
        while quiet < 3:
            depth = self.depth()
            progress(depth)
            quiet = 0 if depth else quiet + 1
            time.sleep(2 * POLL_SECONDS)


@dataclass(frozen=True, slots=True)
class Uploader:
    """Uploads works to a bucket while its queue has fewer than ``ahead`` messages."""

    s3: "S3Client"
    bucket: str
    queue: Queue
    ahead: int

    def put_all(
        self,
        works: Iterable[Work],
        progress: Callable[[int], None] = lambda _: None,
        deadline: float = float("inf"),
    ) -> list[Work]:
        """Upload works, a few at a time; return the uploaded ones.

        Calls ``progress`` with their number. Stops at ``deadline`` (monotonic clock).
        """
        put: list[Work] = []
        running: list[Future[None]] = []
        line = iter(works)
        with ThreadPoolExecutor(THREADS) as pool:
            while time.monotonic() < deadline:
                for each in [each for each in running if each.done()]:
                    running.remove(each)
                    each.result()
                progress(len(put))
                room = self.ahead - self.queue.depth() - len(running)
                batch = list(islice(line, max(0, min(room, 4 * THREADS - len(running)))))
                if not batch and room > 0 and not running:
                    break
                put += batch
                running += [pool.submit(self._put, work) for work in batch]
                time.sleep(POLL_SECONDS)
        for each in running:
            each.result()
        return put

    def _put(self, work: Work) -> None:
        for number, version in enumerate(work.at_first):
            if number:
                time.sleep(work.pause)
            self.s3.put_object(Bucket=self.bucket, Key=work.key, Body=version.data)
        if work.removed:
            time.sleep(work.pause)
            self.s3.delete_object(Bucket=self.bucket, Key=work.key)
        if work.pruned:
            oldest = history(self.s3, self.bucket, work.key)[-1]
            self.s3.delete_object(Bucket=self.bucket, Key=work.key, VersionId=oldest.id)
        if work.restored:
            time.sleep(work.pause)
            versions = history(self.s3, self.bucket, work.key)
            newest = next(each for each in versions if not each.is_marker)
            restore(self.s3, self.bucket, newest, None)


def client(name: str) -> Any:  # noqa: ANN401 (the type depends on the service)
    """Return a client with low CPU use."""
    config = Config(
        max_pool_connections=2 * THREADS,
        tcp_keepalive=True,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        read_timeout=120,
        retries={"mode": "standard", "total_max_attempts": 5},
    )
    return boto3.client(name, config=config)  # type: ignore[call-overload]


@dataclass(slots=True)
class Tap:
    """Sends the events of keys under ``tapped/`` to the pipeline's queue again.

    S3 sends these events to a second queue as well, from which they are copied.
    """

    sqs: "SQSClient"
    pipeline_queue: str
    copies: ServiceQueue
    sent: int = 0
    """Number of events that were sent again."""
    _works: dict[str, Work] = field(default_factory=dict)
    _seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _late: list[tuple[float, str]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def on(cls, s3: "S3Client", sqs: "SQSClient", bucket: str, queue: str) -> Iterator["Tap"]:
        """Copy a bucket's events until the end of the block, in a thread."""
        configuration = s3.get_bucket_notification_configuration(Bucket=bucket)
        configuration.pop("ResponseMetadata", None)  # type: ignore[misc]
        before = configuration["QueueConfigurations"]
        rules: Any = [{"Name": "prefix", "Value": TAPPED}]
        over = threading.Event()
        with service_queue("s3") as copies:
            tap = cls(sqs, queue, copies)
            s3.put_bucket_notification_configuration(
                Bucket=bucket,
                NotificationConfiguration={
                    "QueueConfigurations": [
                        *before,
                        {
                            "QueueArn": copies.arn,
                            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                            "Filter": {"Key": {"FilterRules": rules}},
                        },
                    ]
                },
                SkipDestinationValidation=True,
            )
            thread = threading.Thread(target=tap.run, args=[over], daemon=True)
            thread.start()
            try:
                yield tap
            finally:
                over.set()
                thread.join()

    def expect(self, works: Iterable[Work]) -> None:
        """Set the works whose events are sent again."""
        self._works = {work.key: work for work in works if work.repeat}

    def run(self, over: threading.Event) -> None:
        """Copy events until ``over`` is set."""
        while not over.is_set():
            self._copy(1)

    def _copy(self, seconds: int) -> None:
        """Receive events for up to some seconds, and send those that are due."""
        for body in self.copies.take(seconds):
            self._take(body)
        due = [body for when, body in self._late if when <= time.monotonic()]
        self._late = [each for each in self._late if each[0] > time.monotonic()]
        for body in due:
            self._send(body)

    def wait_until_done(self, works: Iterable[Work]) -> None:
        """Return when all duplicate events of these works were sent."""
        for work in works:
            while work.repeat and len(self._seen[work.key]) < work.changes:
                time.sleep(POLL_SECONDS)
        while self._late:
            time.sleep(POLL_SECONDS)

    def _take(self, body: str) -> None:
        records = json.loads(body).get("Records")
        if not records:
            return  # S3's test message
        key = unquote_plus(records[0]["s3"]["object"]["key"])
        seen = self._seen[key]
        seen.append(body)
        work = self._works.get(key)
        if work and work.repeat == "at once":
            self._send(body)
        elif work and len(seen) == work.changes:
            self._late.append((time.monotonic() + LATE_SECONDS, seen[0]))

    def _send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.pipeline_queue, MessageBody=body)
        self.sent += 1
