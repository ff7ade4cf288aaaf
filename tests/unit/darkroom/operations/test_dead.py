"""Dead letters: looked at without loss, and explained."""

import json
import time
from typing import Any

import pytest
from botocore.stub import Stubber
from rich.console import Console

from darkroom.cloud import Cloud
from darkroom.operations import reports
from darkroom.operations.dead_letters import (
    Loan,
    explain,
    why,
)
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.change import Change
from processor.sqs.reprocess import message_of, new_request
from tests.unit.darkroom.operations.stubs import (
    OUTPUTS,
    letter,
    put_back,
    received,
)

DEAD = OUTPUTS["DeadLetterQueueUrl"]
OLD, SAME, NEW = "1".ljust(32, "0"), "2".ljust(32, "0"), "3".ljust(32, "0")
CHANGE = Change("created", "a.jpg", "2026-05-01T12:00:00.000Z", SAME)


def entry(**fields: Any) -> Entry:
    """An entry of the original that the change is about."""
    return {"filename": "a.jpg", "status": "failed", "sequencer": SAME, **fields}  # type: ignore[typeddict-item]


def test_each_message_is_shown_once_and_put_back(cloud: Cloud, sqs: Stubber) -> None:
    """What SQS hands out twice is one message; it ends when nothing new comes."""
    sqs.add_response("receive_message", received("1", "2"))
    sqs.add_response("receive_message", received("2", "3"))
    sqs.add_response("receive_message", received("1"))
    sqs.add_response(*put_back("1", "2", "3"))
    with Loan(cloud.sqs, DEAD) as loan:
        shown = [[each.id for each in letters] for letters in loan.batches()]
    assert shown == [["1", "2"], ["3"]]


def test_ctrl_c_puts_all_back(cloud: Cloud, sqs: Stubber) -> None:
    """Whatever ends the look at the queue, nothing stays hidden but what was deleted."""
    sqs.add_response("receive_message", received("1", "2"))
    sqs.add_response("delete_message", {}, {"QueueUrl": DEAD, "ReceiptHandle": "r-1"})
    sqs.add_response(*put_back("2"))
    with pytest.raises(KeyboardInterrupt), Loan(cloud.sqs, DEAD) as loan:  # noqa: PT012
        (first, _) = next(loan.batches())
        loan.delete(first)
        raise KeyboardInterrupt


def test_a_queue_that_is_gone_does_not_hide_what_happened(cloud: Cloud, sqs: Stubber) -> None:
    """An error while messages are put back is not shown in place of the first one."""
    sqs.add_response("receive_message", received("1"))
    sqs.add_client_error("change_message_visibility_batch", "QueueDoesNotExist")
    with pytest.raises(KeyboardInterrupt), Loan(cloud.sqs, DEAD) as loan:  # noqa: PT012
        next(loan.batches())
        raise KeyboardInterrupt


KEPT = {
    "code": "gave-up",
    "message": "Gave up.",
    "time": "t",
    "retry": {"code": "ClientError", "message": "SlowDown"},
}
"""A failed request whose message is in the dead-letter queue."""


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (None, "no-word"),
        (entry(sequencer=OLD, status="done"), "no-word"),
        (entry(status="processing"), "no-word"),
        (entry(status="processing", lease=1), "no-word"),
        (entry(status="processing", lease=time.time() + 999), "at-work"),
        (entry(sequencer=NEW, status="processing"), "superseded"),
        (entry(sequencer=f"{SAME}.1", status="deleted"), "superseded"),
        (entry(status="done"), "settled"),
        (entry(error={"code": "corrupt", "message": "Damaged."}), "settled"),
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
            "at-work",
        ),
        (entry(status="done", failed_request=KEPT, published={}, lease=1), "ClientError"),
    ],
)
def test_the_catalog_tells_why(there: Entry | None, code: str) -> None:
    """The entry says what the last attempt ended with, or that nothing is left to do."""
    assert why(CHANGE, there).code == code


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
        ('{"Event": "s3:TestEvent"}', "no-change", "nothing that has to be done"),
        (message_of("raw", new_request("a", CHANGE.time, OLD)), "no-word", "The function died"),
        (
            message_of("raw", new_request("a", CHANGE.time, OLD, "nosuch")),
            "unknown-recipe",
            "'nosuch'",
        ),
    ],
)
def test_the_message_tells_why(cloud: Cloud, body: str, code: str, sentence: str) -> None:
    """A message that cannot be acted on is explained by what is wrong with it."""
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}})
        (found,) = explain(cloud, [letter(body)])
    assert found.reason.code == code
    assert sentence in found.reason.sentence


def test_of_several_changes_the_one_with_work_left_is_told_of(cloud: Cloud) -> None:
    """A message with records of two keys is there because of the one that has no outcome."""
    records = [
        json.loads(message_of("raw", new_request(key, CHANGE.time, OLD)))["Records"][0]
        for key in "ab"
    ]
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        done = serialize(entry(filename="a", status="done", sequencer=NEW))
        dynamodb.add_response(
            "batch_get_item", {"Responses": {"table": [done]}, "UnprocessedKeys": {}}
        )
        (found,) = explain(cloud, [letter(json.dumps({"Records": records}))])
    assert (found.key, found.reason.code) == ("b", "no-word")


def test_what_is_read_of_a_dead_letter(cloud: Cloud) -> None:
    """The table, the single message and the JSON tell of the same, and keys are no markup."""
    body = message_of("raw", new_request("odd [bold]name[/].jpg", CHANGE.time, OLD))
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {}})
        (found,) = explain(cloud, [letter(body)])
    console = Console(width=120)
    for table in (reports.dead([found]), reports.letter(found)):
        with console.capture() as capture:
            console.print(table)
        text = capture.get()
        for told in ("odd [bold]name[/].jpg", "requested", "no-word", "4"):
            assert told in text
    assert '"eventSource": "darkroom"' in text
    data = reports.dead_as_data(found)
    assert (data["id"], data["code"], data["sent"]) == (
        "m", "no-word", "2026-05-01T12:00:00.000+00:00",
    )  # fmt: skip
