"""Waiting for a queue's next message without receiving it."""

from typing import Any

from localstack.services.sqs.models import FifoQueue, SqsQueue, StandardQueue, sqs_stores
from localstack.utils.aws.arns import parse_arn


def find_queue(arn: str) -> SqsQueue | None:
    """Return the queue of an ARN; None if it does not exist."""
    parsed = parse_arn(arn)
    return sqs_stores[parsed["account"]][parsed["region"]].queues.get(parsed["resource"])


def has_message(queue: SqsQueue, seconds: float) -> bool:
    """Return whether a message can be received; wait up to ``seconds`` for one.

    ReceiveMessage can wait as well, but can't be stopped: it would receive a message for a mapping
    that was stopped meanwhile.
    """
    receivable: Any
    match queue:
        case StandardQueue():
            receivable = queue.visible
        case FifoQueue():
            receivable = queue.message_group_queue
        case _:
            return True
    with receivable.not_empty:
        if not receivable.queue:
            receivable.not_empty.wait(seconds)
        if not receivable.queue:
            return False
        # A new message wakes one waiting thread, which must wake the next as it receives nothing.
        receivable.not_empty.notify()
        return True
