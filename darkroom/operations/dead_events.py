"""Dead events: messages of the stack's queue of events that were given up, sent again."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import boto3

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations.dead_letters import Message, QueueBrowser
from processor.change import timestamp
from processor.errors import MalformedMessageError
from processor.sqs.s3_events import read_notification

Kind = Literal["event", "variant", "records", "other"]


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """A message of the queue."""

    message: Message
    kind: Kind
    """An event that a subscriber refused, or S3's notification of a variant; the position of
    records in the catalog's stream, or what others have sent, which cannot be sent again."""
    key: str
    """Key of the original, or of the variant's object; empty if the message names none."""
    reason: str

    @property
    def time(self) -> str:
        """When it was given up."""
        return timestamp(self.message.sent)


@contextmanager
def browse_dead_events(cloud: Cloud) -> Iterator[QueueBrowser]:
    """Give a browser of the queue."""
    with QueueBrowser(cloud.sqs, cloud.outputs["DeadEventsUrl"]) as browser:
        yield browser


def dead_events(cloud: Cloud, browser: QueueBrowser) -> Iterator[DeadEvent]:
    """Yield all messages of the queue."""
    for messages in browser.batches():
        for each in messages:
            yield _explained(each, cloud.outputs["ProcessedBucket"])


def replay(cloud: Cloud) -> tuple[int, int]:
    """Send again what can be; return how many messages were, and how many there are.

    Each is sent before it is deleted, so that none is lost. Raises ``CommandError`` if EventBridge
    refuses an event.
    """
    sent = 0
    with browse_dead_events(cloud) as browser:
        # An event that is refused again at once is another message.
        found = list(dead_events(cloud, browser))
        for each in found:
            if each.kind in SENDERS:
                SENDERS[each.kind](cloud, json.loads(each.message.body))
                browser.delete(each.message)
                sent += 1
    return sent, len(found)


def _publish(cloud: Cloud, event: dict[str, Any]) -> None:
    response = boto3.client("events").put_events(
        Entries=[
            {
                "EventBusName": cloud.outputs["EventBus"],
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Time": event["time"],
                "Detail": json.dumps(event["detail"]),
            }
        ]
    )
    (result,) = response["Entries"]
    if "ErrorCode" in result:
        reason = f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}"
        raise CommandError(f"EventBridge refused an event of {event['detail']['key']!r}: {reason}")


def _notify(cloud: Cloud, failure: dict[str, Any]) -> None:
    boto3.client("lambda").invoke(
        FunctionName=cloud.outputs["ChangesFunction"],
        InvocationType="Event",
        Payload=json.dumps(failure["requestPayload"]),
    )


SENDERS: dict[Kind, Callable[[Cloud, dict[str, Any]], None]] = {
    "event": _publish,
    "variant": _notify,
}


def _explained(message: Message, bucket: str) -> DeadEvent:
    """Return a message of a stack whose renditions are in that bucket."""
    match _json(message.body):
        case {"detail": {"key": str(key)}}:
            values = {name: each["StringValue"] for name, each in message.attributes.items()}
            reason = values.get("ERROR_MESSAGE", values.get("ERROR_CODE", ""))
            return DeadEvent(message, "event", key, reason)
        case {"requestPayload": sent, "responsePayload": {"errorMessage": str(reason)}}:
            return DeadEvent(message, "variant", _key(sent, bucket), reason)
        case {"requestPayload": sent, "requestContext": {"condition": str(reason)}}:
            return DeadEvent(message, "variant", _key(sent, bucket), reason)
        case {"DDBStreamBatchInfo": _, "requestContext": {"condition": str(reason)}}:
            return DeadEvent(message, "records", "", reason)
    return DeadEvent(message, "other", "", "The stack has not sent this message.")


def _json(text: str) -> Any:  # noqa: ANN401 (JSON)
    try:
        return json.loads(text)
    except ValueError:
        return None


def _key(notification: Any, bucket: str) -> str:  # noqa: ANN401 (JSON)
    try:
        return ", ".join(each.key for each in read_notification(notification, bucket))
    except MalformedMessageError:
        return ""
