"""What is in the dead-letter queue, and why: looked at, and put back as it was."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

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
"""How long others do not see a message that is being looked at, should it not be put back."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the dead-letter queue."""

    id: str
    body: str
    receipt: str
    sent: datetime
    """When it was first sent to the queue."""
    received: int
    """How often it was received, in both queues; to look at it counts."""
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message is there: a stable code, and a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Dead:
    """A message with what could be found out about it."""

    letter: Letter
    change: Change | None
    """What it speaks of; where that is several, one with something left to do."""
    entry: Entry | None
    reason: Reason

    @property
    def key(self) -> str:
        """The original's; empty where the message names none."""
        return self.change.key if self.change else ""


NO_CHANGE = Reason("no-change", "The message speaks of nothing that has to be done.")
NO_WORD = Reason(
    "no-word", "The function died, or could not write to the catalog: `darkroom logs` may tell."
)
AT_WORK = Reason("at-work", "An attempt at the same change is at work, by another message.")
SUPERSEDED = Reason("superseded", "A newer change of the key is known: nothing is left to do.")
SETTLED = Reason("settled", "The change has its outcome: nothing is left to do.")
NOTHING_LEFT = (NO_CHANGE, AT_WORK, SUPERSEDED, SETTLED)


@dataclass(slots=True)
class Loan:
    """Messages that are taken out of a queue to be looked at.

    At the end of the ``with`` block all but those that were deleted are put back, whatever ended
    it. If even that fails, they come back by themselves after ``HIDDEN_SECONDS``.
    """

    sqs: "SQSClient"
    queue_url: str
    _receipts: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _receiver: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    """A thread that no Ctrl-C reaches: what SQS has handed out, it is also told of."""

    def batches(self) -> Iterator[list[Letter]]:
        """All messages, each once, up to ten at a time."""
        while True:
            letters = self._receiver.submit(self._receive).result()
            new = {each.id: each for each in letters if each.id not in self._seen}
            if not new:
                return
            self._seen |= new.keys()
            yield list(new.values())

    def ignore(self, message_id: str) -> None:
        """Do not show a message that is yet to come."""
        self._seen.add(message_id)

    def delete(self, letter: Letter) -> None:
        """Remove a message for good."""
        self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=self._receipts[letter.id])
        del self._receipts[letter.id]

    def _receive(self) -> list[Letter]:
        answer = self.sqs.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN_SECONDS,
            # Without waiting, SQS asks only some of its servers.
            WaitTimeSeconds=1,
            AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        letters = [_letter(message) for message in answer.get("Messages", [])]
        self._receipts |= {each.id: each.receipt for each in letters}
        return letters

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


def dead_letters(cloud: Cloud) -> Loan:
    """The messages of the dead-letter queue, to be used in a ``with`` block."""
    return Loan(cloud.sqs, cloud.outputs["DeadLetterQueueUrl"])


def explain(cloud: Cloud, letters: Iterable[Letter]) -> Iterator[Dead]:
    """Find out why each message is there, by its body and by the catalog."""
    for chunk in batched(letters, ENTRIES_AT_ONCE, strict=False):
        read = [(letter, _read(letter, cloud.outputs["RawBucket"])) for letter in chunk]
        keys = {
            change.key for _, found in read if not isinstance(found, Reason) for change in found
        }
        entries = cloud.entries(keys)
        for letter, found in read:
            if isinstance(found, Reason):
                yield Dead(letter, None, None, found)
                continue
            yield _gravest(
                Dead(letter, change, entries.get(change.key), why(change, entries.get(change.key)))
                for change in found
            )


def why(change: Change, entry: Entry | None) -> Reason:
    """Why the work on a change has ended in the dead-letter queue, by what the catalog says."""
    if change.recipe is not None:
        try:
            RecipeBook(load_recipes()).find(change.recipe)
        except PermanentError as error:
            return Reason(error.code, error.message)
    if entry is None or entry["sequencer"] < change.sequencer:
        return NO_WORD
    if entry["sequencer"] > change.sequencer:
        return SUPERSEDED
    failed = entry.get("failed_request", {})
    # After a failed request a lease is that of a review, which it has left as it was.
    is_over = "failed_request" in entry and "published" not in entry
    if entry.get("lease", 0) > time.time() and not is_over:
        return AT_WORK
    if last := entry.get("retry") or failed.get("retry"):
        return Reason(last["code"], last["message"])
    return NO_WORD if entry["status"] == "processing" else SETTLED


def _read(letter: Letter, bucket: str) -> list[Change] | Reason:
    try:
        return read_message(letter.body, bucket) or NO_CHANGE
    except MalformedMessageError as error:
        return Reason("malformed", str(error))


def _gravest(several: Iterable[Dead]) -> Dead:
    return min(several, key=lambda each: each.reason in NOTHING_LEFT)


def _letter(message: Any) -> Letter:  # noqa: ANN401 (its type leaves all fields open)
    attributes = message["Attributes"]
    return Letter(
        id=message["MessageId"],
        body=message["Body"],
        receipt=message["ReceiptHandle"],
        sent=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        received=int(attributes["ApproximateReceiveCount"]),
        attributes=message.get("MessageAttributes", {}),
    )
