"""Webhooks that failed: events in their dead-letter queue, and the secret of signatures."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from darkroom.errors import CommandError

HIDDEN_SECONDS = 60
"""Seconds for which a listed message is hidden, unless it is shown again before."""


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that the URL did not accept."""

    receipt: str
    body: str

    @property
    def detail(self) -> dict[str, Any]:
        """The event's detail."""
        return dict(json.loads(self.body)["detail"])


def failed_events(cloud: Cloud) -> list[FailedEvent]:
    """Return the events in the dead-letter queue, which stay there."""
    found = list(_received(cloud))
    for each in found:
        _show(cloud, each)
    return found


def replay(cloud: Cloud, event: str | None = None) -> int:
    """Move all failed events, or the one with an ID, to the queue; return their number.

    Each is sent before it is deleted, so that none is lost.
    """
    moved = 0
    for each in list(_received(cloud)):
        if event and each.detail["id"] != event:
            _show(cloud, each)
            continue
        cloud.sqs.send_message(QueueUrl=cloud.outputs["WebhooksUrl"], MessageBody=each.body)
        cloud.sqs.delete_message(
            QueueUrl=cloud.outputs["DeadWebhooksUrl"], ReceiptHandle=each.receipt
        )
        moved += 1
    return moved


def secret_of(cloud: Cloud) -> str:
    """Return the secret of the signatures. Raises ``CommandError`` if there is none."""
    ssm = boto3.client("ssm")
    try:
        found = ssm.get_parameter(Name=cloud.outputs["WebhookSecret"], WithDecryption=True)
    except ssm.exceptions.ParameterNotFound as error:
        raise CommandError("The stack has no secret yet. Deploy it again.") from error
    return found["Parameter"]["Value"]


def _received(cloud: Cloud) -> Iterator[FailedEvent]:
    url = cloud.outputs["DeadWebhooksUrl"]
    while messages := cloud.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS
    ).get("Messages"):
        for each in messages:
            yield FailedEvent(each["ReceiptHandle"], each["Body"])


def _show(cloud: Cloud, event: FailedEvent) -> None:
    """Make a received message visible again."""
    with suppress(ClientError):
        cloud.sqs.change_message_visibility(
            QueueUrl=cloud.outputs["DeadWebhooksUrl"],
            ReceiptHandle=event.receipt,
            VisibilityTimeout=0,
        )
