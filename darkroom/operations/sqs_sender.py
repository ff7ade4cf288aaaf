"""SQS messages sent in batches, at a limited rate, with retries for those that SQS refuses."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from darkroom.errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH_SIZE = 10
"""The limit of SendMessageBatch."""

ATTEMPTS = 6
FIRST_PAUSE = 0.2
"""Seconds before the first retry; each further pause is twice as long."""


class RateLimiter:
    """Delays work to a rate; unused time is not made up for."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rate = rate
        """A second."""
        self._clock, self._sleep = clock, sleep
        self._due = clock()

    def wait(self, count: int) -> None:
        """Return when ``count`` more may be sent."""
        now = self._clock()
        if self._due > now:
            self._sleep(self._due - now)
        self._due = max(self._due, now) + count / self.rate

    @property
    def batch_size(self) -> int:
        """How many to send together: a second's worth, within SQS's limit."""
        return max(1, min(BATCH_SIZE, round(self.rate)))


def send(
    sqs: "SQSClient",
    queue_url: str,
    bodies: Sequence[str],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send up to ten messages. Raises ``CommandError`` if the queue does not take all of them."""
    left = {str(number): body for number, body in enumerate(bodies)}
    for attempt in range(ATTEMPTS):
        response = sqs.send_message_batch(
            QueueUrl=queue_url,
            Entries=[{"Id": name, "MessageBody": body} for name, body in left.items()],
        )
        failed = response.get("Failed", [])
        if not failed:
            return
        left = {each["Id"]: left[each["Id"]] for each in failed}
        reason = f"{failed[0]['Code']}: {failed[0].get('Message', 'no reason given')}"
        if any(each["SenderFault"] for each in failed):
            break
        sleep(FIRST_PAUSE * 2**attempt)
    raise CommandError(f"The queue refused {len(left)} of {len(bodies)} messages. {reason}")
