"""Deliveries of events to the webhook's URL: signed, and retried with growing pauses."""

import json
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processor.telemetry.log import about, logger
from processor.webhooks import signature
from processor.webhooks.sender import TOTAL_SECONDS, WebhookError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

FIRST_DELAY = 5.0
"""Seconds until an event is sent again; four times as long the next time. Chosen at random around
that, so that events that failed together do not return together."""

Post = Callable[[bytes, dict[str, str]], int]
"""Sends a body with headers. Raises ``WebhookError``."""


@dataclass(frozen=True, slots=True)
class WebhookDeliveries:
    """Sends the events in messages of the webhooks' queue."""

    sqs: "SQSClient"
    queue_url: str
    secret: Callable[[], str]
    """Returns the secret of the signatures."""
    post: Post
    remaining: Callable[[], float]
    """Returns the seconds until Lambda ends the function."""
    clock: Callable[[], float] = time.time

    def run(self, records: Iterable[dict[str, Any]]) -> list[str]:
        """Send each event; return the IDs of messages to receive again."""
        return [record["messageId"] for record in records if not self._deliver(record)]

    def _deliver(self, record: dict[str, Any]) -> bool:
        number = int(record["attributes"]["ApproximateReceiveCount"])
        event = json.loads(record["body"])
        detail = event["detail"]
        with about(
            event=detail["id"],
            key=detail["key"],
            correlation_id=detail.get("correlationId"),
            attempt=number,
        ):
            try:
                status = self._send(event)
            except Exception as error:
                is_expected = isinstance(error, WebhookError)
                logger.warning("webhook failed", reason=str(error), exc_info=not is_expected)
                self._postpone(record["receiptHandle"], number)
                return False
            logger.info("webhook sent", status=status)
            return True

    def _send(self, event: dict[str, Any]) -> int:
        """Sign and send an event; return the response's status. Raises ``WebhookError``."""
        if self.remaining() < TOTAL_SECONDS:
            raise WebhookError("The function had too little time left.")
        body, now = body_of(event), int(self.clock())
        signed = signature.headers(self.secret(), event["detail"]["id"], now, body)
        return self.post(body, {"content-type": "application/json", **signed})

    def _postpone(self, receipt: str, number: int) -> None:
        """Have a message received again after a while."""
        delay = FIRST_DELAY * 4 ** (number - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)
        try:
            self.sqs.change_message_visibility(
                QueueUrl=self.queue_url, ReceiptHandle=receipt, VisibilityTimeout=round(delay)
            )
        except Exception:
            logger.warning("visibility not changed", exc_info=True)


def body_of(event: dict[str, Any]) -> bytes:
    """Return the body of a request for an event of EventBridge."""
    body = {"type": event["detail-type"], "timestamp": event["time"], "data": event["detail"]}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
