"""Dead letters: browsed without loss, and explained."""

import json
import time
from typing import Any

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import QueueBrowser, explain, reason_of
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.change import Change
from processor.sqs.reprocess import message_of, new_request
from tests.unit.darkroom.operations.stubs import (
    OUTPUTS,
    message,
    received,
    released,
)

DEAD = OUTPUTS["DeadLetterQueueUrl"]
OLD, SAME, NEW = "1".ljust(32, "0"), "2".ljust(32, "0"), "3".ljust(32, "0")
CHANGE = Change("created", "a.jpg", "2026-05-01T12:00:00.000Z", SAME)


def entry(**fields: Any) -> Entry:
    """Return an entry of the change's original."""
    return {"filename": "a.jpg", "status": "failed", "sequencer": SAME, **fields}  # type: ignore[typeddict-item]


def test_each_message_is_yielded_once_and_released(cloud: Cloud, sqs: Stubber) -> None:
    """A message that SQS returns twice is yielded once; a batch without new messages ends it."""
    sqs.add_response("receive_message", received("1", "2"))
    sqs.add_response("receive_message", received("2", "3"))
    sqs.add_response("receive_message", received("1"))
    sqs.add_response(*released("1", "2", "3"))
    with QueueBrowser(cloud.sqs, DEAD) as browser:
        ids = [[each.id for each in messages] for messages in browser.batches()]
    assert ids == [["1", "2"], ["3"]]


def test_ctrl_c_releases_all(cloud: Cloud, sqs: Stubber) -> None:
    """Whatever ends the browsing, every message becomes visible again that was not deleted."""
    sqs.add_response("receive_message", received("1", "2"))
    sqs.add_response("delete_message", {}, {"QueueUrl": DEAD, "ReceiptHandle": "r-1"})
    sqs.add_response(*released("2"))
    with pytest.raises(KeyboardInterrupt), QueueBrowser(cloud.sqs, DEAD) as browser:  # noqa: PT012
        (first, _) = next(browser.batches())
        browser.delete(first)
        raise KeyboardInterrupt


def test_an_error_of_the_release(cloud: Cloud, sqs: Stubber) -> None:
    """It does not replace the exception that ended the browsing."""
    sqs.add_response("receive_message", received("1"))
    sqs.add_client_error("change_message_visibility_batch", "QueueDoesNotExist")
    with pytest.raises(KeyboardInterrupt), QueueBrowser(cloud.sqs, DEAD) as browser:  # noqa: PT012
        next(browser.batches())
        raise KeyboardInterrupt


KEPT = {
    "code": "gave-up",
    "message": "Gave up.",
    "time": "t",
    "retry": {"code": "ClientError", "message": "SlowDown"},
}
"""A failed request whose message is a dead letter."""


@pytest.mark.parametrize(
    ("current", "code"),
    [
        (None, "no-result"),
        (entry(sequencer=OLD, status="done"), "no-result"),
        (entry(status="processing"), "no-result"),
        (entry(status="processing", lease=1), "no-result"),
        (entry(status="processing", lease=time.time() + 999), "in-progress"),
        (entry(sequencer=NEW, status="processing"), "superseded"),
        (entry(sequencer=f"{SAME}.1", status="deleted"), "superseded"),
        (entry(status="done"), "completed"),
        (entry(error={"code": "corrupt", "message": "Damaged."}), "completed"),
        (
            entry(
                error={"code": "gave-up", "message": "Gave up."},
                retry={"code": "ClientError", "message": "SlowDown"},
            ),
            "ClientError",
        ),
        (entry(status="done", failed_request=KEPT), "ClientError"),
        (
            entry(status="review", failed_request=KEPT, lease=time.time() + 999),
            "ClientError",
        ),
        (
            entry(status="done", failed_request=KEPT, published={}, lease=time.time() + 999),
            "in-progress",
        ),
        (entry(status="done", failed_request=KEPT, published={}, lease=1), "ClientError"),
    ],
)
def test_reasons_in_the_catalog(current: Entry | None, code: str) -> None:
    """The entry has the error of the last attempt, or shows that no work is left."""
    assert reason_of(CHANGE, current).code == code


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        ("nonsense", "malformed", "The message is not JSON"),
        ("{}", "malformed", "no list of Records"),
        (
            message_of("other", new_request("a", CHANGE.time, OLD)),
            "malformed",
            "bucket 'other', not 'raw'",
        ),
        ('{"Event": "s3:TestEvent"}', "no-change", "contains no change"),
        (
            message_of("raw", new_request("a", CHANGE.time, OLD)),
            "no-result",
            "The function crashed",
        ),
        (
            message_of("raw", new_request("a", CHANGE.time, OLD, "nosuch")),
            "unknown-recipe",
            "'nosuch'",
        ),
    ],
)
def test_reasons_in_the_message(cloud: Cloud, body: str, code: str, sentence: str) -> None:
    """The reason of a malformed message is what is wrong with it."""
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}})
        (found,) = explain(cloud, [message(body)])
    assert found.reason.code == code
    assert sentence in found.reason.sentence


def test_several_changes(cloud: Cloud) -> None:
    """The reason of a message with two keys is that of the key that still needs work."""
    records = [
        json.loads(message_of("raw", new_request(key, CHANGE.time, OLD)))["Records"][0]
        for key in "ab"
    ]
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        done = serialize(entry(filename="a", status="done", sequencer=NEW))
        dynamodb.add_response(
            "batch_get_item", {"Responses": {"table": [done]}, "UnprocessedKeys": {}}
        )
        (found,) = explain(cloud, [message(json.dumps({"Records": records}))])
    assert (found.key, found.reason.code) == ("b", "no-result")
