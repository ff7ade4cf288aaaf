"""Uploading: as much as the pipeline can take, and not far ahead of it."""

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

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

THREADS = 4
GLANCE_SECONDS = 0.1
LATE_SECONDS = 3.0
"""After which an older event comes again, when all newer ones have come."""


@dataclass(slots=True)
class Queue:
    """How full a queue is."""

    sqs: "SQSClient"
    url: str

    def depth(self) -> int:
        """Messages that nobody has acknowledged."""
        known = self.sqs.get_queue_attributes(
            QueueUrl=self.url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return sum(map(int, known.values()))

    def wait_until_empty(self, tell: Callable[[int], None] = lambda _: None) -> None:
        """Return when there was nothing in the queue three times in a row."""
        quiet = 0
        while quiet < 3:
            depth = self.depth()
            tell(depth)
            quiet = 0 if depth else quiet + 1
            time.sleep(2 * GLANCE_SECONDS)


@dataclass(frozen=True, slots=True)
class Uploader:
    """Puts works into a bucket while no more than ``ahead`` messages wait in its queue."""

    s3: "S3Client"
    bucket: str
    queue: Queue
    ahead: int

    def put_all(
        self,
        works: Iterable[Work],
        tell: Callable[[int], None] = lambda _: None,
        deadline: float = float("inf"),
    ) -> list[Work]:
        """Put them, a few at a time; answers those that were put.

        ``tell`` hears how many were, again and again. Stops at ``deadline`` (monotonic clock).
        """
        put: list[Work] = []
        running: list[Future[None]] = []
        line = iter(works)
        with ThreadPoolExecutor(THREADS) as pool:
            while time.monotonic() < deadline:
                for each in [each for each in running if each.done()]:
                    running.remove(each)
                    each.result()
                tell(len(put))
                room = self.ahead - self.queue.depth() - len(running)
                batch = list(islice(line, max(0, min(room, 4 * THREADS - len(running)))))
                if not batch and room > 0 and not running:
                    break
                put += batch
                running += [pool.submit(self._put, work) for work in batch]
                time.sleep(GLANCE_SECONDS)
        for each in running:
            each.result()
        return put

    def _put(self, work: Work) -> None:
        for number, version in enumerate(work.versions):
            if number:
                time.sleep(work.pause)
            self.s3.put_object(Bucket=self.bucket, Key=work.key, Body=version.data)
        if work.removed:
            time.sleep(work.pause)
            self.s3.delete_object(Bucket=self.bucket, Key=work.key)


def client(name: str) -> Any:  # noqa: ANN401 (a service's client has no type until it is made)
    """A client that costs its own processor as little as boto3 lets it."""
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
    """Sends events of keys under ``tapped/`` once more, as S3 wrote them.

    S3 tells a second queue of those keys; what comes there goes to the pipeline's own.
    """

    sqs: "SQSClient"
    pipeline_queue: str
    tap_queue: str
    sent: int = 0
    """Events that were sent once more."""
    _works: dict[str, Work] = field(default_factory=dict)
    _seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _late: list[tuple[float, str]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def on(cls, s3: "S3Client", sqs: "SQSClient", bucket: str, queue: str) -> Iterator["Tap"]:
        """Listen to a bucket until the end of the block, in a thread."""
        url = sqs.create_queue(QueueName="tap")["QueueUrl"]
        tap = cls(sqs, queue, url)
        told = s3.get_bucket_notification_configuration(Bucket=bucket)
        told.pop("ResponseMetadata", None)  # type: ignore[misc]
        before = told["QueueConfigurations"]
        arn = before[0]["QueueArn"].rpartition(":")[0] + ":tap"
        rules: Any = [{"Name": "prefix", "Value": TAPPED}]
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration={
                "QueueConfigurations": [
                    *before,
                    {
                        "QueueArn": arn,
                        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                        "Filter": {"Key": {"FilterRules": rules}},
                    },
                ]
            },
            SkipDestinationValidation=True,
        )
        over = threading.Event()
        thread = threading.Thread(target=tap.run, args=[over], daemon=True)
        thread.start()
        try:
            yield tap
        finally:
            over.set()
            thread.join()

    def expect(self, works: Iterable[Work]) -> None:
        """Learn which events to send again, and when."""
        self._works = {work.key: work for work in works if work.repeat}

    def run(self, over: threading.Event) -> None:
        """Pass events on until ``over`` is set."""
        while not over.is_set():
            self._pass_on(1)

    def _pass_on(self, seconds: int) -> None:
        """Pass on what has come, waiting for it for some time."""
        answer = self.sqs.receive_message(
            QueueUrl=self.tap_queue, MaxNumberOfMessages=10, WaitTimeSeconds=seconds
        )
        messages = answer.get("Messages", [])
        for message in messages:
            assert "Body" in message  # noqa: S101 (all have one)
            self._take(message["Body"])
            self.sqs.delete_message(QueueUrl=self.tap_queue, ReceiptHandle=message["ReceiptHandle"])
        due = [body for when, body in self._late if when <= time.monotonic()]
        self._late = [each for each in self._late if each[0] > time.monotonic()]
        for body in due:
            self._send(body)

    def wait_until_done(self, works: Iterable[Work]) -> None:
        """Return when all that has to be sent again of these works was sent."""
        for work in works:
            while work.repeat and len(self._seen[work.key]) < work.changes:
                time.sleep(GLANCE_SECONDS)
        while self._late:
            time.sleep(GLANCE_SECONDS)

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
