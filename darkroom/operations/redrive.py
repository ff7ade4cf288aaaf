"""Dead letters go back to the queue: by SQS itself, or one by one where some are chosen."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import (
    Dead,
    Letter,
    Loan,
    dead_letters,
    explain,
)
from darkroom.operations.sqs_sender import Pace

POLL_SECONDS = 0.2

UNKNOWN_OPERATION = (
    "UnsupportedOperation", "InvalidAction", "UnknownOperation", "UnknownOperationException",
    "NotImplemented",
)  # fmt: skip
"""What services answer that have no move tasks."""

RETURNING = 10
"""Once twice as many messages as there were, and so many besides, are moved, it is clear that some
come straight back."""

Report = Callable[[int, int | None], None]
"""Is told how many messages are moved, and of how many, where that is known."""


class RedriveError(Exception):
    """SQS gave up on moving messages. Says why."""


class NoMoveTasksError(Exception):
    """The service cannot move messages by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages to move; a field that is None lets all through."""

    key: str | None = None
    """A pattern as in a shell, for the key of the original."""
    reason: str | None = None
    """The code of the reason."""
    id: str | None = None
    """Of the message, or its beginning."""

    @property
    def is_everything(self) -> bool:
        """No message is left out."""
        return self == Wanted()

    def has(self, dead: Dead) -> bool:
        """Whether a message is among them."""
        return (
            (self.key is None or fnmatchcase(dead.key, self.key))
            and (self.reason is None or dead.reason.code == self.reason)
            and (self.id is None or dead.letter.id.startswith(self.id))
        )


def choose(cloud: Cloud, loan: Loan, wanted: Wanted) -> Iterator[Dead]:
    """The messages that are wanted, as they are found."""
    for letters in loan.batches():
        yield from filter(wanted.has, explain(cloud, letters))


@dataclass(slots=True)
class ByHand:
    """Messages that are wanted, moved by us: sent first, then deleted, so that none is lost."""

    cloud: Cloud
    wanted: Wanted
    rate: int
    moved: int = 0

    def run(self, report: Report) -> None:
        """Move all; ``moved`` tells how many, whatever ends it."""
        pace = Pace(self.rate)
        total = self.cloud.queue_depths()["dead"] if self.wanted.is_everything else None
        with dead_letters(self.cloud) as loan:
            for dead in choose(self.cloud, loan, self.wanted):
                pace.wait(1)
                # It may be back before all others are moved.
                loan.ignore(self._send(dead.letter))
                loan.delete(dead.letter)
                self.moved += 1
                report(self.moved, total)

    def _send(self, letter: Letter) -> str:
        answer = self.cloud.sqs.send_message(
            QueueUrl=self.cloud.outputs["QueueUrl"],
            MessageBody=letter.body,
            MessageAttributes=letter.attributes,
        )
        return answer["MessageId"]


@dataclass(slots=True)
class MoveTask:
    """All messages, moved by SQS's own move task."""

    cloud: Cloud
    rate: int | None
    """Messages a second; None leaves it to SQS."""
    moved: int = 0
    comes_back: bool = False
    """It was stopped, because what it moved was dead again at once."""

    def run(self, report: Report) -> None:
        """Start a task, or join the one that is at work, and follow it to its end.

        An exception that comes from outside, like a person's Ctrl-C, cancels it. Raises
        ``NoMoveTasksError`` and ``RedriveError``.
        """
        handle, before = self._start()
        try:
            # The new task may not be listed at once.
            while (task := self._latest()) == before or task["Status"] == "RUNNING":
                if task != before:
                    total = self._count(task, report)
                    self.comes_back = self.moved > 2 * total + RETURNING
                if self.comes_back:
                    self._cancel(handle)
                    return
                time.sleep(POLL_SECONDS)
        except BaseException:
            self._cancel(handle)
            raise
        self._count(task, report)
        if task["Status"] == "FAILED":
            raise RedriveError(
                f"SQS gave up after {self.moved} messages: {task.get('FailureReason')}. The others "
                "are still in the dead-letter queue: the same command moves them."
            )

    def _start(self) -> tuple[str, dict[str, Any] | None]:
        """The task's handle, and what was the latest task before; None if that is the one."""
        try:
            before = self._latest()
            if before.get("Status") == "RUNNING":
                return before["TaskHandle"], None
            answer = self.cloud.sqs.start_message_move_task(
                SourceArn=self.cloud.queue_arn("DeadLetterQueueUrl"),
                # Without it, SQS refuses what did not get there by itself.
                DestinationArn=self.cloud.queue_arn("QueueUrl"),
                **({} if self.rate is None else {"MaxNumberOfMessagesPerSecond": self.rate}),
            )
            return answer["TaskHandle"], before
        except ClientError as error:
            # Some services put "AWS.SimpleQueueService." before the code.
            code = error.response["Error"]["Code"].rpartition(".")[2]
            status = error.response["ResponseMetadata"].get("HTTPStatusCode")
            if code in UNKNOWN_OPERATION or status == 501:
                raise NoMoveTasksError from error
            latest = self._latest()
            if latest.get("Status") == "RUNNING":
                # Somebody else was quicker: SQS runs one task of a queue at a time.
                return latest["TaskHandle"], None
            raise

    def _latest(self) -> dict[str, Any]:
        answer = self.cloud.sqs.list_message_move_tasks(
            SourceArn=self.cloud.queue_arn("DeadLetterQueueUrl"), MaxResults=1
        )
        return dict((answer.get("Results") or [{}])[0])

    def _count(self, task: dict[str, Any], report: Report) -> int:
        self.moved = task.get("ApproximateNumberOfMessagesMoved", 0)
        total: int = task.get("ApproximateNumberOfMessagesToMove", self.moved)
        report(self.moved, max(self.moved, total))
        return total

    def _cancel(self, handle: str) -> None:
        # It may have come to its end by itself.
        with suppress(ClientError):
            answer = self.cloud.sqs.cancel_message_move_task(TaskHandle=handle)
            self.moved = max(self.moved, answer.get("ApproximateNumberOfMessagesMoved", 0))
