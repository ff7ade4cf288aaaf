"""Expiries: messages that make a failure recorded in advance the outcome after a crash.

Before a last attempt, its entry gets the failure (``Claims.fail_in_advance``), because a function
that crashes writes nothing. A message at the end of its lease makes that the outcome.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.change import Change
from processor.events.records import EntryChange
from processor.sqs.reprocess import message_of
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY = 900
"""Seconds, of SQS. The lease of a function with the longest timeout is 5 s longer; the message is
then received again."""


@dataclass(frozen=True, slots=True)
class Expiries:
    """Sends the messages to the queue, for changes of entries."""

    sqs: "SQSClient"
    queue_url: str
    raw_bucket: str
    clock: Callable[[], float] = time.time
    """Returns the time in seconds since 1970."""

    def request(self, changes: Sequence[EntryChange]) -> str | None:
        """Send a message for each failure in advance; return the number of the first that fails."""
        for change in changes:
            if (entry := change.new) is None or "in_advance" not in entry:
                continue
            left = math.ceil(entry.get("lease", 0) - self.clock()) + 1
            expired = Change("expired", change.key, entry["timestamp"], entry["sequencer"])
            try:
                self.sqs.send_message(
                    QueueUrl=self.queue_url,
                    MessageBody=message_of(self.raw_bucket, expired),
                    DelaySeconds=min(max(left, 0), LONGEST_DELAY),
                )
            except Exception:
                logger.exception("expiry not requested", key=change.key)
                return change.number
        return None
