"""Messages for the queue: in batches, at a pace, and again where the queue did not take them."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10
"""As many messages as SQS takes in one request."""

ROUNDS = 6
FIRST_PAUSE = 0.2
"""Seconds before messages that were refused are sent again; twice as long each time."""


class SendError(Exception):
    """The queue does not take a message. Says why."""


class Pace:
    """Keeps to so many a second, without making up for lost time."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._due = time.monotonic()

    def wait(self, count: int) -> None:
        """Return when ``count`` more may go."""
        now = time.monotonic()
        if self._due > now:
            time.sleep(self._due - now)
        self._due = max(self._due, now) + count / self.rate

    @property
    def at_once(self) -> int:
        """How many to send together, so that a slow pace is no row of bursts."""
        return max(1, min(AT_ONCE, round(self.rate)))


def send(sqs: "SQSClient", queue_url: str, bodies: Sequence[str]) -> None:
    """Send up to ten messages; returns when the queue has all of them. Raises ``SendError``."""
    left = {str(number): body for number, body in enumerate(bodies)}
    for attempt in range(ROUNDS):
        answer = sqs.send_message_batch(
            QueueUrl=queue_url,
            Entries=[{"Id": name, "MessageBody": body} for name, body in left.items()],
        )
        failed = answer.get("Failed", [])
        if not failed:
            return
        left = {each["Id"]: left[each["Id"]] for each in failed}
        reason = f"{failed[0]['Code']}: {failed[0].get('Message', 'no reason given')}"
        if any(each["SenderFault"] for each in failed):
            break
        time.sleep(FIRST_PAUSE * 2**attempt)
    raise SendError(f"The queue refused {len(left)} of {len(bodies)} messages. {reason}")
