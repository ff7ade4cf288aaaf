"""Operations of SQS.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
"""

import base64
import binascii
import json
from collections.abc import Iterable

from localstack_native.access.operations.table import (
    ALL,
    Parameters,
    Place,
    Required,
    Table,
    arn,
)

_named = arn("sqs", "{}")


def _of_url(url: str, place: Place) -> str:
    """Return the ARN of a queue URL, which ends with the account and the name."""
    *start, name = url.rstrip("/").split("/")
    account = start[-1] if start and start[-1].isdecimal() else place.account
    return f"arn:{place.partition}:sqs:{place.region}:{account}:{name}"


def _get_url(request: Parameters, place: Place) -> Iterable[Required]:
    account = request.get("QueueOwnerAWSAccountId") or place.account
    where = Place(account, place.region, place.partition)
    yield Required("sqs:GetQueueUrl", _named(request.get("QueueName", ""), where))


def _start_move(request: Parameters, place: Place) -> Iterable[Required]:
    """Yield what a redrive requires: messages are received, deleted, and sent.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    """
    source = _named(request.get("SourceArn", ""), place)
    names = ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    for name in names:
        yield Required(f"sqs:{name}", source)
    # Without a destination, each message returns to the queue that it came from.
    if target := request.get("DestinationArn"):
        yield Required("sqs:SendMessage", str(target))


def _cancel_move(request: Parameters, _: Place) -> Iterable[Required]:
    try:
        handle = json.loads(base64.b64decode(request.get("TaskHandle", "")))
        source = str(handle["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        source = ALL
    yield Required("sqs:CancelMessageMoveTask", source)


TABLE = Table(
    "sqs",
    resources={
        "QueueUrl": _of_url,
        "QueueName": _named,
        "SourceArn": _named,
    },
    renamed={
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
    special={
        "GetQueueUrl": _get_url,
        "StartMessageMoveTask": _start_move,
        "CancelMessageMoveTask": _cancel_move,
    },
)
