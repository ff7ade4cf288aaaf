"""A batch of messages, processed by a few threads so that network and rendering overlap."""

import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from processor.catalog.entries import Failure
from processor.change import Change
from processor.errors import (
    CUT_OFF,
    TOO_COSTLY,
    BusyError,
    LostClaimError,
    MalformedMessageError,
    OutOfTimeError,
)
from processor.pipeline.job import Job
from processor.sqs.deliveries import Deliveries
from processor.sqs.message import Delivery, Message
from processor.sqs.s3_events import read_message
from processor.telemetry.correlation import change_id
from processor.telemetry.log import about, logger
from processor.telemetry.metrics import MetricsBuffer

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

FIRST_DELAY = 5.0
"""Seconds until a failed message is received again; four times as long the next time. Chosen at
random around that, so that messages that were throttled together do not return together."""

RESERVE = 0.25
"""Part of the function's time that must be left to begin an image."""

ISOLATED: Failure = {
    "code": "isolated",
    "message": "An earlier attempt crashed its function or ran out of memory: this one runs alone.",
}
"""Why a claim is released until the rest of the batch is done."""

NETWORK_THREADS = 2
"""Threads beside those that the processors keep busy."""


@dataclass(frozen=True, slots=True)
class Task:
    """A change, and the message that it came with."""

    message: Message
    change: Change


@dataclass(slots=True)
class Batch:
    """The messages of one invocation; ``run`` processes them, once."""

    deliveries: Deliveries
    sqs: "SQSClient"
    queue_url: str
    max_receive_count: int
    """Receives after which the queue moves a message to the dead-letter queue."""
    remaining: Callable[[], float]
    """Returns the seconds until Lambda ends the function."""
    threads: int
    report: Callable[[MetricsBuffer], None] = lambda _metrics: None
    """Receives the metrics at the end, and before what may crash the function."""
    metrics: MetricsBuffer = field(default_factory=MetricsBuffer)
    _retries: dict[str, float] = field(default_factory=dict)
    """Messages to receive again, and in how many seconds."""
    _isolated: list[tuple[Task, Job]] = field(default_factory=list)
    _last: dict[Task, Job | None] = field(default_factory=dict)
    """The jobs of last receives, claimed before any work."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, records: Iterable[dict[str, Any]]) -> list[str]:
        """Process all messages; return the IDs of those that are to be received again."""
        messages = [Message.read(record) for record in records]
        self._count(messages)
        reserve = self.remaining() * RESERVE
        line = deque(self._by_key(messages))
        last = [tasks[0] for tasks in line if self._delivery(tasks[0].message).is_last]
        with ThreadPoolExecutor(self.threads, thread_name_prefix="batch") as pool:
            # If the function crashes or is cut off, nothing else records their failure.
            list(pool.map(lambda task: self._guard(task, self._claim_last, task), last))
            workers = [
                pool.submit(self._work, line, reserve) for _ in range(min(self.threads, len(line)))
            ]
        for worker in workers:
            # A bug must fail the invocation: Lambda would delete the messages that it left out.
            worker.result()
        if self._isolated:
            self.report(self.metrics)
            self._work_on_isolated(reserve)
        for message in messages:
            if message.id in self._retries:
                self._postpone(message, self._retries[message.id])
        self.report(self.metrics)
        return list(self._retries)

    def _count(self, messages: list[Message]) -> None:
        """Count the retries, and measure how long the oldest message has been in the queue."""
        if retries := sum(message.number > 1 for message in messages):
            self.metrics.count("Retries", retries)
        if sent := [message.sent for message in messages if message.sent is not None]:
            self.metrics.measure("OldestMessageAge", max(0, round(time.time() - min(sent), 3)))

    def _by_key(self, messages: list[Message]) -> list[list[Task]]:
        """Return the changes of each key, the newest first: it supersedes the others.

        Keys whose messages were received most often come first: they get the most time.
        """
        tasks: dict[str, list[Task]] = defaultdict(list)
        for message in messages:
            try:
                changes = read_message(message.body, self._raw_bucket)
            except MalformedMessageError as error:
                self._refuse(message, error)
                continue
            if not changes:
                logger.warning("nothing to do", message_id=message.id, bytes=len(message.body))
            for change in changes:
                tasks[change.key].append(Task(message, change))
        line = [
            sorted(each, key=lambda task: task.change.sequencer, reverse=True)
            for each in tasks.values()
        ]
        return sorted(line, key=lambda each: -max(task.message.number for task in each))

    def _work(self, line: deque[list[Task]], reserve: float) -> None:
        """Process keys until none is left."""
        while True:
            try:
                tasks = line.popleft()
            except IndexError:
                return
            for task in tasks:
                self._guard(task, self._begin, task, reserve)

    def _begin(self, task: Task, reserve: float) -> None:
        delivery = self._delivery(task.message)
        if delivery.is_last:
            if task not in self._last:
                self._claim_last(task)
            job = self._last.pop(task)
        elif self.remaining() < reserve:
            raise OutOfTimeError("The function had too little time left to begin.")
        else:
            job = self.deliveries.claim(task.change, delivery)
        if job is None:
            return
        if job.claim.crashes:
            # It may crash the function again, with everything that runs beside it.
            self._isolate(task, job)
            return
        try:
            self.deliveries.complete(job, delivery)
        except MemoryError:
            self._isolate(task, job)

    def _claim_last(self, task: Task) -> None:
        """Claim the change of a last receive, and record its failure in advance."""
        self._last[task] = None
        if job := self.deliveries.claim(task.change, self._delivery(task.message)):
            failure = TOO_COSTLY if job.claim.crashes else CUT_OFF
            self._guard(task, self.deliveries.fail_in_advance, job, failure)
            self._last[task] = job

    def _work_on_isolated(self, reserve: float) -> None:
        """Process images that may crash the function one by one after all others, by crash count.

        The others' claims are released meanwhile, so that a crash counts only for this one.
        No redelivery follows a last receive: its claim is kept.
        """
        self._isolated.sort(key=lambda isolated: isolated[1].claim.crashes)
        for task, job in self._isolated:
            if self._delivery(task.message).is_last:
                if not job.claim.crashes:
                    # It ran out of memory only now.
                    self._guard(task, self.deliveries.fail_in_advance, job, TOO_COSTLY)
            else:
                claims = self.deliveries.pipeline.claims
                self._guard(task, claims.release, job.claim, ISOLATED)
        for task, job in self._isolated:
            self._guard(task, self._work_alone, task, job, reserve)

    def _work_alone(self, task: Task, isolated: Job, reserve: float) -> None:
        delivery = self._delivery(task.message)
        job: Job | None = isolated
        if not delivery.is_last:
            if self.remaining() < reserve:
                raise OutOfTimeError("The function had too little time left to begin.")
            job = self.deliveries.claim(isolated.claim.change, delivery)
        if job is None:
            return
        try:
            self.deliveries.complete(job, delivery)
        except MemoryError:
            self.deliveries.pipeline.refuse(job, TOO_COSTLY)

    def _guard[**P](
        self, task: Task, work: Callable[P, None], *arguments: P.args, **named: P.kwargs
    ) -> None:
        """Run the work; its errors concern this message only."""
        change, message = task.change, task.message
        with about(
            key=change.key,
            sequencer=change.sequencer,
            correlation_id=change_id(self._raw_bucket, change),
            message_id=message.id,
            attempt=message.number,
        ):
            self._try(message, partial(work, *arguments, **named))

    def _try(self, message: Message, work: Callable[[], None]) -> None:
        try:
            work()
        except MalformedMessageError as error:
            self._refuse(message, error)
        except BusyError as error:
            logger.info("busy", seconds=round(error.seconds, 1))
            self._retry(message, error.seconds)
        except OutOfTimeError as error:
            logger.warning("out of time", reason=str(error))
            self._retry(message, 0)
        except LostClaimError:
            self._retry(message, 0)
        except Exception:
            logger.exception("delivery failed")
            delay = FIRST_DELAY * 4 ** (message.number - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)
            # The queue moves a last receive to the dead-letter queue when it becomes visible.
            self._retry(message, 0 if self._delivery(message).is_last else delay)

    def _refuse(self, message: Message, error: MalformedMessageError) -> None:
        """Leave a message that cannot be processed to the dead-letter queue, which keeps it."""
        logger.error("malformed message", message_id=message.id, reason=str(error))
        self._retry(message, 0)

    def _retry(self, message: Message, seconds: float) -> None:
        with self._lock:
            self._retries[message.id] = max(seconds, self._retries.get(message.id, 0))

    def _isolate(self, task: Task, job: Job) -> None:
        with self._lock:
            self._isolated.append((task, job))

    @property
    def _raw_bucket(self) -> str:
        return self.deliveries.pipeline.settings.raw_bucket

    def _delivery(self, message: Message) -> Delivery:
        return Delivery(
            message=message.id,
            number=message.number,
            is_last=message.number >= self.max_receive_count,
            remaining=self.remaining,
            sent=message.sent,
            metrics=self.metrics,
        )

    def _postpone(self, message: Message, seconds: float) -> None:
        """Make the message visible after ``seconds``, before its visibility timeout."""
        try:
            self.sqs.change_message_visibility(
                QueueUrl=self.queue_url,
                ReceiptHandle=message.receipt,
                VisibilityTimeout=round(seconds),
            )
        except Exception:
            logger.warning("visibility not changed", message_id=message.id, exc_info=True)
