"""A batch of messages, worked on by a few threads so that the network and the pixels overlap."""

import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from processor.catalog.claims import Claim, LostClaimError
from processor.catalog.entries import Failure
from processor.change import Change
from processor.errors import BusyError, MalformedMessageError, OutOfTimeError
from processor.pipeline.delivery import Delivery
from processor.pipeline.process import (
    CUT_OFF,
    TOO_COSTLY,
    Pipeline,
)
from processor.sqs.s3_events import read_message
from processor.telemetry.correlation import change_id
from processor.telemetry.log import about, logger
from processor.telemetry.metrics import MetricsBuffer

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_ATTEMPTS = 3
"""After as many, the queue gives a message to the dead-letter queue (template.yaml)."""

FIRST_DELAY = 5.0
"""Seconds after which a message whose work failed comes again; four times as long the next time.
Chosen at random around that, so that what was throttled together does not come together."""

RESERVE = 0.25
"""Part of the function's time that has to be left for a picture to be begun."""

ISOLATED: Failure = {
    "code": "isolated",
    "message": "An earlier attempt ended its function, or its memory: it is tried again alone.",
}
"""Why a claim is given back until all else in the batch is done."""

WAITING_FOR_THE_NETWORK = 2
"""Threads beside those that the processors keep busy."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message, as Lambda hands it over."""

    id: str
    receipt: str
    number: int
    body: str
    sent: float | None = None
    """When the queue took it, in seconds since 1970."""

    @classmethod
    def read(cls, record: dict[str, Any]) -> "Message":
        """Read one of the records of the function's event."""
        return cls(
            id=record["messageId"],
            receipt=record["receiptHandle"],
            number=int(record["attributes"]["ApproximateReceiveCount"]),
            body=record["body"],
            sent=int(sent) / 1000 if (sent := record["attributes"].get("SentTimestamp")) else None,
        )


@dataclass(frozen=True, slots=True)
class Task:
    """A change, and the message that told of it."""

    message: Message
    change: Change


@dataclass(slots=True)
class Batch:
    """The messages of one invocation; ``run`` works on them, once."""

    pipeline: Pipeline
    sqs: "SQSClient"
    remaining: Callable[[], float]
    """Seconds until the function is ended."""
    threads: int
    report: Callable[[MetricsBuffer], None] = lambda _tally: None
    """Is given what was counted: at the end, and before what may end the function."""
    metrics: MetricsBuffer = field(default_factory=MetricsBuffer)
    _again: dict[str, float] = field(default_factory=dict)
    """Messages that have to come again, and in how many seconds."""
    _isolated: list[tuple[Task, Claim]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, records: Iterable[dict[str, Any]]) -> list[str]:
        """Work on all messages; answers the ids of those that are to be delivered again."""
        messages = [Message.read(record) for record in records]
        self._count(messages)
        reserve = self.remaining() * RESERVE
        line = deque(self._by_key(messages))
        with ThreadPoolExecutor(self.threads, thread_name_prefix="batch") as pool:
            workers = [
                pool.submit(self._work, line, reserve) for _ in range(min(self.threads, len(line)))
            ]
        for worker in workers:
            # A mistake of ours must fail the invocation: what it left out would be acknowledged.
            worker.result()
        if self._isolated:
            self.report(self.metrics)
            self._work_on_isolated(reserve)
        for message in messages:
            if message.id in self._again:
                self._postpone(message, self._again[message.id])
        self.report(self.metrics)
        return list(self._again)

    def _count(self, messages: list[Message]) -> None:
        """Count what comes again, and measure how long the oldest has been in the queue."""
        if retries := sum(message.number > 1 for message in messages):
            self.metrics.count("Retries", retries)
        if sent := [message.sent for message in messages if message.sent is not None]:
            self.metrics.measure("OldestMessageAge", max(0, round(time.time() - min(sent), 3)))

    def _by_key(self, messages: list[Message]) -> list[list[Task]]:
        """The changes of each key together, the newest first: the others have no work then.

        Keys whose messages have come most often are first: they get the most time.
        """
        tasks: dict[str, list[Task]] = defaultdict(list)
        for message in messages:
            try:
                changes = read_message(message.body, self.pipeline.settings.raw_bucket)
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
        """Take keys from the line until it is empty, or the time too short."""
        while True:
            try:
                tasks = line.popleft()
            except IndexError:
                return
            for task in tasks:
                self._guard(task, self._begin, task, reserve)

    def _begin(self, task: Task, reserve: float) -> None:
        delivery = self._delivery(task.message)
        if self.remaining() < reserve and not delivery.is_last:
            raise OutOfTimeError("The function's time was too short to begin.")
        claim = self.pipeline.claim(task.change, delivery)
        if claim is None:
            return
        if claim.crashes:
            # It may have killed its function, and would take along what is beside it now.
            self._isolate(task, claim)
            return
        if delivery.is_last and (self.remaining() < reserve or _was_slow(claim)):
            self._guard(task, self.pipeline.fail_in_advance, claim, CUT_OFF)
        try:
            self.pipeline.complete(claim, delivery)
        except MemoryError:
            self._isolate(task, claim)

    def _work_on_isolated(self, reserve: float) -> None:
        """Work on what may end the function alone, and last: the likeliest after all others.

        Nothing of them is held meanwhile, so that only the one that is worked on counts a death.
        After a last delivery nobody would come back to the others: what is to be said of them has
        to be said before.
        """
        self._isolated.sort(key=lambda suspect: suspect[1].crashes)
        for task, claim in self._isolated:
            if self._delivery(task.message).is_last:
                self._guard(task, self.pipeline.fail_in_advance, claim, TOO_COSTLY)
            else:
                self._guard(task, self.pipeline.claims.release, claim, ISOLATED)
        for task, claim in self._isolated:
            self._guard(task, self._work_alone, task, claim, reserve)

    def _work_alone(self, task: Task, held: Claim, reserve: float) -> None:
        delivery = self._delivery(task.message)
        claim: Claim | None = held
        if not delivery.is_last:
            if self.remaining() < reserve:
                raise OutOfTimeError("The function's time was too short to begin.")
            claim = self.pipeline.claim(held.change, delivery)
        if claim is None:
            return
        try:
            self.pipeline.complete(claim, delivery)
        except MemoryError:
            self.pipeline.fail(claim, delivery, TOO_COSTLY)

    def _guard[**P](
        self, task: Task, work: Callable[P, None], *arguments: P.args, **named: P.kwargs
    ) -> None:
        """Do the work; whatever goes wrong with it is this message's own affair."""
        change, message = task.change, task.message
        with about(
            key=change.key,
            sequencer=change.sequencer,
            correlation_id=change_id(self.pipeline.settings.raw_bucket, change),
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
            self._come_again(message, error.seconds)
        except OutOfTimeError as error:
            logger.warning("out of time", reason=str(error))
            self._come_again(message, 0)
        except LostClaimError:
            self._come_again(message, 0)
        except Exception:
            logger.exception("delivery failed")
            delay = FIRST_DELAY * 4 ** (message.number - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)
            # The queue gives it to the dead-letter queue when it would be visible again.
            self._come_again(message, 0 if self._delivery(message).is_last else delay)

    def _refuse(self, message: Message, error: MalformedMessageError) -> None:
        """Let the message go to the dead-letter queue: nobody can act on it, but it is kept."""
        logger.error("malformed message", message_id=message.id, reason=str(error))
        self._come_again(message, 0)

    def _come_again(self, message: Message, seconds: float) -> None:
        with self._lock:
            self._again[message.id] = max(seconds, self._again.get(message.id, 0))

    def _isolate(self, task: Task, claim: Claim) -> None:
        with self._lock:
            self._isolated.append((task, claim))

    def _delivery(self, message: Message) -> Delivery:
        return Delivery(
            message=message.id,
            number=message.number,
            is_last=message.number >= MAX_ATTEMPTS,
            remaining=self.remaining,
            sent=message.sent,
            metrics=self.metrics,
        )

    def _postpone(self, message: Message, seconds: float) -> None:
        """Show the message again after so long, rather than after the visibility timeout."""
        try:
            self.sqs.change_message_visibility(
                QueueUrl=self.pipeline.settings.queue_url,
                ReceiptHandle=message.receipt,
                VisibilityTimeout=round(seconds),
            )
        except Exception:
            logger.warning("visibility not changed", message_id=message.id, exc_info=True)


def _was_slow(claim: Claim) -> bool:
    """Whether the function's time did not suffice for the attempt before."""
    retry = claim.entry.get("retry")
    return retry is not None and retry["code"] == OutOfTimeError.__name__
