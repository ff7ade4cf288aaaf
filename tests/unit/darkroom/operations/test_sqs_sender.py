"""Batches of SQS messages: retries and the rate."""

from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations.sqs_sender import ATTEMPTS, RateLimiter, send
from tests.unit.darkroom.operations.stubs import OUTPUTS, sent_response

QUEUE = OUTPUTS["QueueUrl"]
ANY_BATCH = {"QueueUrl": QUEUE, "Entries": ANY}


def batch(*bodies: tuple[str, str]) -> dict[str, Any]:
    """Return the parameters of a request with these ids and bodies."""
    return {
        "QueueUrl": QUEUE,
        "Entries": [{"Id": name, "MessageBody": body} for name, body in bodies],
    }


def test_refused_messages_are_sent_again(cloud: Cloud, sqs: Stubber) -> None:
    """Only the failed messages are sent again, after growing pauses, until none fails."""
    sqs.add_response(
        "send_message_batch", sent_response("02", "1"), batch(("0", "a"), ("1", "b"), ("2", "c"))
    )
    sqs.add_response("send_message_batch", sent_response("", "1"), batch(("1", "b")))
    sqs.add_response("send_message_batch", sent_response("1"), batch(("1", "b")))
    pauses: list[float] = []
    send(cloud.sqs, QUEUE, ["a", "b", "c"], pauses.append)
    assert pauses == [0.2, 0.4]


def test_a_fault_of_the_sender(cloud: Cloud, sqs: Stubber) -> None:
    """A message that SQS can never take is not sent again; the error has SQS's reason."""
    sqs.add_response("send_message_batch", sent_response("0", "1", fault=True), ANY_BATCH)
    with pytest.raises(CommandError, match=r"refused 1 of 2 messages\. Throttled: Slow down"):
        send(cloud.sqs, QUEUE, ["a", "b"])


def test_the_last_attempt(cloud: Cloud, sqs: Stubber) -> None:
    """After the last attempt, the error has SQS's reason."""
    for _ in range(ATTEMPTS):
        sqs.add_response("send_message_batch", sent_response("", "0"), ANY_BATCH)
    with pytest.raises(CommandError, match="Slow down"):
        send(cloud.sqs, QUEUE, ["a"], lambda _: None)


@pytest.mark.parametrize(("rate", "count"), [(0.1, 1), (3, 3), (10, 10), (500, 10)])
def test_the_batch_size(rate: float, count: int) -> None:
    """A batch is a second's worth, at most ten."""
    assert RateLimiter(rate).batch_size == count


def test_the_rate() -> None:
    """The first batch is sent at once, the next after the time of those before it."""
    clock, waits = [100.0], []

    def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))
        clock[0] += seconds

    limiter = RateLimiter(20, lambda: clock[0], sleep)
    for _ in range(3):
        limiter.wait(10)
    clock[0] += 60
    limiter.wait(10)
    assert waits == [0.5, 0.5]
