"""Dead letters: messages of the dead-letter queue, each with the reason why it is there."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from darkroom.clock import clock
from darkroom.cloud import ENTRIES_AT_ONCE, Cloud
from processor.catalog.entries import Entry
from processor.change import Change
from processor.errors import MalformedMessageError, PermanentError
from processor.images import load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.sqs.s3_events import read_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS = 30
"""Visibility timeout of messages that are browsed, which ends it if releasing them fails."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as SQS returns it."""

    id: str
    body: str
    receipt: str
    sent: datetime
    """When it was first sent to the queue."""
    received: int
    """Number of receives in both queues; browsing counts too."""
    attributes: dict[str, Any]

    @classmethod
    def of(cls, message: Any) -> "Message":  # noqa: ANN401 (its type declares all fields optional)
        """Return a message of a ReceiveMessage response."""
        attributes = message["Attributes"]
        return cls(
            id=message["MessageId"],
            body=message["Body"],
            receipt=message["ReceiptHandle"],
            sent=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
            received=int(attributes["ApproximateReceiveCount"]),
            attributes=message.get("MessageAttributes", {}),
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message is dead: a stable code, and a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message with its change, its entry and the reason."""

    message: Message
    change: Change | None
    """The change of the message; of several, one that still needs work."""
    entry: Entry | None
    reason: Reason

    @property
    def key(self) -> str:
        """The original's key; empty if the message names none."""
        return self.change.key if self.change else ""


NO_CHANGE = Reason("no-change", "The message contains no change of an original.")
NO_RESULT = Reason(
    "no-result",
    "The function crashed, or could not write to the catalog. `darkroom logs` may show the error.",
)
IN_PROGRESS = Reason("in-progress", "An attempt for another message of this change is in progress.")
SUPERSEDED = Reason("superseded", "A newer change of the key exists. The message has no effect.")
COMPLETED = Reason("completed", "The change is already processed. The message has no effect.")
NO_WORK_LEFT = (NO_CHANGE, IN_PROGRESS, SUPERSEDED, COMPLETED)


@dataclass(slots=True)
class QueueBrowser:
    """Receives messages to look at them; use it in a ``with`` block.

    The end of the block makes all messages visible again that were not deleted, also after an
    error. If that fails too, SQS does it after ``HIDDEN_SECONDS``.
    """

    sqs: "SQSClient"
    queue_url: str
    _receipts: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _receiver: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    """A thread that Ctrl-C does not interrupt: the receipt of every received message is noted."""

    def batches(self) -> Iterator[list[Message]]:
        """Yield all messages, each once, up to ten at a time."""
        while True:
            messages = self._receiver.submit(self._receive).result()
            new = {each.id: each for each in messages if each.id not in self._seen}
            if not new:
                return
            self._seen |= new.keys()
            yield list(new.values())

    def skip(self, message_id: str) -> None:
        """Do not yield a message that arrives later."""
        self._seen.add(message_id)

    def delete(self, message: Message) -> None:
        """Delete a message from the queue."""
        self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=self._receipts[message.id])
        del self._receipts[message.id]

    def _receive(self) -> list[Message]:
        response = self.sqs.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN_SECONDS,
            # Long polling: a short poll asks a subset of SQS's servers only.
            WaitTimeSeconds=1,
            AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        messages = [Message.of(each) for each in response.get("Messages", [])]
        self._receipts |= {each.id: each.receipt for each in messages}
        return messages

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._receiver.shutdown()
        for receipts in batched(self._receipts.values(), 10, strict=False):
            with suppress(BotoCoreError, ClientError):
                self.sqs.change_message_visibility_batch(
                    QueueUrl=self.queue_url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                        for number, receipt in enumerate(receipts)
                    ],
                )


def browse_dead_letters(cloud: Cloud) -> QueueBrowser:
    """Return a browser of the dead-letter queue, to be used in a ``with`` block."""
    return QueueBrowser(cloud.sqs, cloud.outputs["DeadLetterQueueUrl"])


def explain(cloud: Cloud, messages: Iterable[Message]) -> Iterator[DeadLetter]:
    """Yield each message with its reason, found in its body and the catalog."""
    for chunk in batched(messages, ENTRIES_AT_ONCE, strict=False):
        read = [(message, _read(message, cloud.outputs["RawBucket"])) for message in chunk]
        keys = {
            change.key for _, found in read if not isinstance(found, Reason) for change in found
        }
        entries = cloud.entries(keys)
        for message, found in read:
            if isinstance(found, Reason):
                yield DeadLetter(message, None, None, found)
                continue
            letters = (
                DeadLetter(message, change, entry, reason_of(change, entry))
                for change in found
                for entry in [entries.get(change.key)]
            )
            yield min(letters, key=lambda each: each.reason in NO_WORK_LEFT)


def reason_of(change: Change, entry: Entry | None) -> Reason:
    """Return why the message of a change is dead, judged by the entry of its key."""
    if change.recipe is not None:
        try:
            RecipeBook(load_recipes()).find(change.recipe)
        except PermanentError as error:
            return Reason(error.code, error.message)
    if entry is None or entry["sequencer"] < change.sequencer:
        return NO_RESULT
    if entry["sequencer"] > change.sequencer:
        return SUPERSEDED
    failed = entry.get("failed_request", {})
    # A failed request leaves an open review as it was: the lease is the review's.
    has_ended = "failed_request" in entry and "published" not in entry
    if entry.get("lease", 0) > clock.now() and not has_ended:
        return IN_PROGRESS
    if last := entry.get("retry") or failed.get("retry"):
        return Reason(last["code"], last["message"])
    return NO_RESULT if entry["status"] == "processing" else COMPLETED


def _read(message: Message, bucket: str) -> list[Change] | Reason:
    try:
        return read_message(message.body, bucket) or NO_CHANGE
    except MalformedMessageError as error:
        return Reason("malformed", str(error))
