"""`darkroom events`: what was given up, in the terminal, and what is sent again."""

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from tests.notifications import notification
from tests.unit.darkroom.commands.running import run

TARGET = "variants/a.jpg/w_40.webp"
EVENT = {
    "id": "of EventBridge",
    "source": "darkroom",
    "detail-type": "image.done",
    "time": "2026-05-01T12:00:00Z",
    "detail": {"id": "e", "key": "b.jpg", "status": "done"},
}
REFUSED = {
    name: {"DataType": "String", "StringValue": value}
    for name, value in {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "Not allowed."}.items()
}
FAILURE = {
    "requestContext": {"condition": "RetriesExhausted"},
    "requestPayload": notification("processed", TARGET),
}
ERROR = {**FAILURE, "responsePayload": {"errorMessage": "It failed.", "errorType": "NotSentError"}}
POSITION = {
    "requestContext": {"condition": "RetryAttemptsExhausted"},
    "DDBStreamBatchInfo": {"batchSize": 1},
}


class Queue:
    """SQS with one queue, EventBridge and Lambda."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.published: list[dict[str, Any]] = []
        self.invoked: list[dict[str, Any]] = []
        self.refuses = False

    def add(self, body: object, attributes: object = None) -> None:
        """Add a message."""
        name = str(len(self.messages))
        self.messages[name] = {
            "MessageId": name,
            "ReceiptHandle": name,
            "Body": body if isinstance(body, str) else json.dumps(body),
            "Attributes": {"SentTimestamp": "1777636800000", "ApproximateReceiveCount": "1"},
            "MessageAttributes": attributes or {},
        }

    def receive_message(self, **_: object) -> dict[str, Any]:
        """ReceiveMessage, without a visibility timeout."""
        return {"Messages": list(self.messages.values())}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 (boto3's)
        """DeleteMessage."""
        assert QueueUrl == "https://dead"
        del self.messages[ReceiptHandle]

    def change_message_visibility_batch(self, **_: object) -> dict[str, Any]:
        """ChangeMessageVisibilityBatch."""
        return {}

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (boto3's)
        """PutEvents."""
        if self.refuses:
            return {"Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "Try again."}]}
        self.published += Entries
        return {"Entries": [{"EventId": "x"}]}

    def invoke(self, **request: Any) -> None:
        """Invoke."""
        assert request["FunctionName"] == "changes"
        assert request["InvocationType"] == "Event"
        self.invoked.append(json.loads(request["Payload"]))


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """Return the queue of a deployed stack."""
    queue = Queue()
    cloud = SimpleNamespace(
        sqs=queue,
        outputs={
            "DeadEventsUrl": "https://dead",
            "EventBus": "bus",
            "ChangesFunction": "changes",
            "ProcessedBucket": "processed",
        },
    )
    monkeypatch.setattr(Cloud, "find", lambda _: cloud)
    monkeypatch.setattr(boto3, "client", lambda _: queue)
    return queue


@pytest.mark.parametrize(
    ("body", "attributes", "kind", "key", "reason"),
    [
        (EVENT, REFUSED, "event", "b.jpg", "Not allowed."),
        (ERROR, None, "variant", TARGET, "It failed."),
        (FAILURE, None, "variant", TARGET, "RetriesExhausted"),
        ({**FAILURE, "requestPayload": {}}, None, "variant", "", "RetriesExhausted"),
        (POSITION, None, "records", "", "RetryAttemptsExhausted"),
        ("no JSON", None, "other", "", "The stack has not sent this message."),
        ("[]", None, "other", "", "The stack has not sent this message."),
    ],
)
def test_messages_are_listed_with_their_reasons(
    queue: Queue, body: object, attributes: object, kind: str, key: str, reason: str
) -> None:
    """They stay in the queue."""
    queue.add(body, attributes)
    (row,) = json.loads(run("events", "list", "--json").stdout)
    assert row == {"time": "2026-05-01T12:00:00.000Z", "kind": kind, "key": key, "reason": reason}
    line = run("events", "list").stdout
    assert all(each in line for each in row.values())
    assert len(queue.messages) == 1


def test_an_empty_queue(queue: Queue) -> None:
    """It is no error."""
    assert not queue.messages
    assert run("events", "list").stdout == "No events were given up.\n"
    assert run("events", "replay").stdout == "0 of 0 messages will be sent again.\n"


def test_what_can_be_is_sent_again(queue: Queue) -> None:
    """Events are published, notifications invoke the function; the others stay."""
    for body in (EVENT, POSITION, ERROR, "no JSON"):
        queue.add(body)
    assert run("events", "replay").stdout == "2 of 4 messages will be sent again.\n"
    (published,) = queue.published
    assert json.loads(published["Detail"]) == EVENT["detail"]
    assert (published["EventBusName"], published["DetailType"]) == ("bus", "image.done")
    assert queue.invoked == [FAILURE["requestPayload"]]
    assert [each["Body"] for each in queue.messages.values()] == [json.dumps(POSITION), "no JSON"]


def test_an_event_that_is_refused_again_stays(queue: Queue) -> None:
    """The error says why."""
    queue.refuses = True
    queue.add(EVENT)
    with pytest.raises(CommandError, match=r"'b\.jpg': InternalFailure: Try again"):
        run("events", "replay")
    assert len(queue.messages) == 1
