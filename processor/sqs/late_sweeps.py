"""Late sweeps: messages that have a key's stale variants deleted some time after a change.

A request for a variant that began before the change may store it after the pipeline's sweep, and
end before its second look at the catalog. A sweep after its function's time is up finds it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.change import Change
from processor.sqs.reprocess import message_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

DELAY_SECONDS = 40
"""The timeout of the variants' function, 28 s, and a margin for requests that are in transit."""


@dataclass(frozen=True, slots=True)
class LateSweeps:
    """Sends the messages to the queue."""

    sqs: "SQSClient"
    queue_url: str
    raw_bucket: str

    def request(self, change: Change) -> None:
        """Have the key's stale variants deleted after ``DELAY_SECONDS``."""
        swept = Change("swept", change.key, change.time, change.sequencer)
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=message_of(self.raw_bucket, swept),
            DelaySeconds=DELAY_SECONDS,
        )
