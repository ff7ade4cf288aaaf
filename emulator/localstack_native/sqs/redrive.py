"""Dead-letter queue redrives: moved messages get a new ID, send time and receive count."""

import time
import uuid
from typing import Any

from localstack.services.sqs.provider import MessageMoveTaskManager

RECEIVE_ATTRIBUTES = (
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
)
"""Attributes that a moved message loses."""


class MessageRedriveManager(MessageMoveTaskManager):
    """Moves messages as new ones, as AWS does; LocalStack keeps their receive count.

    "All redriven messages are considered new messages with a new messageID and enqueueTime" (SQS
    developer guide, "Configure a dead-letter queue redrive").
    """

    def _get_queue_by_arn(self, queue_arn: str) -> Any:
        return _RedriveTarget(super()._get_queue_by_arn(queue_arn))


class _RedriveTarget:
    """A queue that resets each message that is put into it."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def put(self, message: dict[str, Any], **options: Any) -> Any:
        """Put a message with a new ID and the current send time."""
        kept = {
            name: value
            for name, value in message["Attributes"].items()
            if name not in RECEIVE_ATTRIBUTES
        }
        sent = {"SentTimestamp": str(int(time.time() * 1000))}
        new = message | {"MessageId": str(uuid.uuid4()), "Attributes": kept | sent}
        return self._queue.put(message=new, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)
