"""Waiting for a message of a queue without taking it."""

from typing import Any

from localstack.services.sqs.models import FifoQueue, SqsQueue, StandardQueue, sqs_stores
from localstack.utils.aws.arns import parse_arn


def find_queue(arn: str) -> SqsQueue | None:
    """Return the queue of this name that exists now."""
    place = parse_arn(arn)
    return sqs_stores[place["account"]][place["region"]].queues.get(place["resource"])


def has_message(queue: SqsQueue, seconds: float) -> bool:
    """Say whether there is a message that could be received; wait some time for one.

    ReceiveMessage can wait as well, but nobody can make it stop, and then it takes a message that
    nobody wants any more.
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
        # A new message wakes one who waits. Who only looks wakes the next, which may take it.
        receivable.not_empty.notify()
        return True
