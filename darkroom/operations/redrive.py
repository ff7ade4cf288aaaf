"""Redrives: dead letters return to the queue, by SQS's own move task or one by one."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations.dead_letters import (
    DeadLetter,
    Message,
    QueueBrowser,
    browse_dead_letters,
    explain,
)
from darkroom.operations.sqs_sender import RateLimiter

POLL_SECONDS = 0.2

UNKNOWN_OPERATION = (
    "UnsupportedOperation", "InvalidAction", "UnknownOperation", "UnknownOperationException",
    "NotImplemented",
)  # fmt: skip
"""Error codes of services without move tasks."""

LOOP_MARGIN = 10
"""A task that has moved twice its messages and so many more is in a loop: messages that it moved
are dead again."""

Report = Callable[[int, int | None], None]
"""Receives the number of moved messages and their total, if it is known."""


class NoMoveTasksError(Exception):
    """The service has no move tasks."""


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Selects dead letters; a field that is None selects all."""

    key: str | None = None
    """A shell pattern for the original's key."""
    reason: str | None = None
    """The code of the reason."""
    id: str | None = None
    """The message's id, or its beginning."""

    @property
    def selects_all(self) -> bool:
        """Whether no field is set."""
        return self == DeadLetterFilter()

    def selects(self, letter: DeadLetter) -> bool:
        """Whether a dead letter matches all fields."""
        return (
            (self.key is None or fnmatchcase(letter.key, self.key))
            and (self.reason is None or letter.reason.code == self.reason)
            and (self.id is None or letter.message.id.startswith(self.id))
        )


def select(
    cloud: Cloud, browser: QueueBrowser, selection: DeadLetterFilter
) -> Iterator[DeadLetter]:
    """Yield the dead letters that a filter selects."""
    for messages in browser.batches():
        yield from filter(selection.selects, explain(cloud, messages))


@dataclass(slots=True)
class OneByOne:
    """Moves selected messages. Each is sent before it is deleted, so that none is lost."""

    cloud: Cloud
    selection: DeadLetterFilter
    rate: int
    """Messages a second."""
    moved: int = 0

    def run(self, report: Report) -> None:
        """Move all selected messages; ``moved`` is right after an error or an interrupt too."""
        limiter = RateLimiter(self.rate)
        total = self.cloud.queue_depths()["dead"] if self.selection.selects_all else None
        with browse_dead_letters(self.cloud) as browser:
            for letter in select(self.cloud, browser, self.selection):
                limiter.wait(1)
                # The sent message may be dead again before the last one is moved.
                browser.skip(self._send(letter.message))
                browser.delete(letter.message)
                self.moved += 1
                report(self.moved, total)

    def _send(self, message: Message) -> str:
        response = self.cloud.sqs.send_message(
            QueueUrl=self.cloud.outputs["QueueUrl"],
            MessageBody=message.body,
            MessageAttributes=message.attributes,
        )
        return response["MessageId"]


@dataclass(slots=True)
class MoveTask:
    """Moves all messages with a move task of SQS."""

    cloud: Cloud
    rate: int | None
    """Messages a second; None leaves the choice to SQS."""
    sleep: Callable[[float], None] = time.sleep
    moved: int = 0
    is_looping: bool = False
    """Whether it was canceled because moved messages were dead again at once."""

    def run(self, report: Report) -> None:
        """Start a task, or join the running one, and follow it to its end.

        Any exception, including Ctrl-C, cancels the task. Raises ``NoMoveTasksError`` and
        ``CommandError``.
        """
        handle, previous = self._start()
        try:
            # A new task may be missing from the list for a moment.
            while (task := self._latest()) == previous or task["Status"] == "RUNNING":
                if task != previous:
                    total = self._count(task, report)
                    self.is_looping = self.moved > 2 * total + LOOP_MARGIN
                if self.is_looping:
                    self._cancel(handle)
                    return
                self.sleep(POLL_SECONDS)
        except BaseException:
            self._cancel(handle)
            raise
        self._count(task, report)
        if task["Status"] == "FAILED":
            raise CommandError(
                f"SQS stopped after {self.moved} messages: {task.get('FailureReason')}. The others "
                "are still in the dead-letter queue: run the same command again."
            )

    def _start(self) -> tuple[str, dict[str, Any] | None]:
        """Return the task's handle, and the latest task before it; None if a task was joined."""
        try:
            previous = self._latest()
            if previous.get("Status") == "RUNNING":
                return previous["TaskHandle"], None
            response = self.cloud.sqs.start_message_move_task(
                SourceArn=self.cloud.queue_arn("DeadLetterQueueUrl"),
                # SQS needs it for messages that were sent to the dead-letter queue directly.
                DestinationArn=self.cloud.queue_arn("QueueUrl"),
                **({} if self.rate is None else {"MaxNumberOfMessagesPerSecond": self.rate}),
            )
            return response["TaskHandle"], previous
        except ClientError as error:
            # Some services put "AWS.SimpleQueueService." before the code.
            code = error.response["Error"]["Code"].rpartition(".")[2]
            status = error.response["ResponseMetadata"].get("HTTPStatusCode")
            if code in UNKNOWN_OPERATION or status == 501:
                raise NoMoveTasksError from error
            latest = self._latest()
            if latest.get("Status") == "RUNNING":
                # Started by someone else meanwhile: SQS runs one task of a queue at a time.
                return latest["TaskHandle"], None
            raise

    def _latest(self) -> dict[str, Any]:
        response = self.cloud.sqs.list_message_move_tasks(
            SourceArn=self.cloud.queue_arn("DeadLetterQueueUrl"), MaxResults=1
        )
        return dict((response.get("Results") or [{}])[0])

    def _count(self, task: dict[str, Any], report: Report) -> int:
        self.moved = task.get("ApproximateNumberOfMessagesMoved", 0)
        total: int = task.get("ApproximateNumberOfMessagesToMove", self.moved)
        report(self.moved, max(self.moved, total))
        return total

    def _cancel(self, handle: str) -> None:
        with suppress(ClientError):  # it may have ended already
            response = self.cloud.sqs.cancel_message_move_task(TaskHandle=handle)
            self.moved = max(self.moved, response.get("ApproximateNumberOfMessagesMoved", 0))
