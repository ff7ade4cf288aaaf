"""EventBridge: retries of targets, and their dead-letter queues.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

import itertools
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from .iam import ACCOUNT
from .localstack import REGION, LocalStack
from .waiting import wait_for

_numbers = itertools.count()


class Bus:
    """A bus with a rule for all events of the source ``tests``, and its targets."""

    def __init__(self, emulator: LocalStack) -> None:
        self.name = f"events-{next(_numbers)}"
        self.emulator = emulator
        self.events, self.sqs = emulator.client("events"), emulator.client("sqs")
        self.events.create_event_bus(Name=self.name)
        pattern = json.dumps({"source": ["tests"]})
        self.rule = self.events.put_rule(
            Name=self.name, EventBusName=self.name, EventPattern=pattern
        )["RuleArn"]

    def queue(self, name: str) -> str:
        """Create a queue that services may send to, or may not; return its ARN."""
        name = f"{self.name}-{name}"
        if name.endswith("closed"):
            self.sqs.create_queue(QueueName=name)
        else:
            self.emulator.create_queue(name)
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def api(self, port: int) -> str:
        """Create an API destination on this machine; return its ARN."""
        key = {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}
        connection = self.events.create_connection(
            Name=self.name,
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": key},
        )["ConnectionArn"]
        created = self.events.create_api_destination(
            Name=self.name,
            ConnectionArn=connection,
            InvocationEndpoint=f"http://127.0.0.1:{port}/",
            HttpMethod="POST",
        )
        return str(created["ApiDestinationArn"])

    def add(self, arn: str, **fields: Any) -> None:
        """Add a target to the rule."""
        target = {"Id": arn.rpartition(":")[2].replace("/", "-"), "Arn": arn, **fields}
        found = self.events.put_targets(Rule=self.name, EventBusName=self.name, Targets=[target])
        assert found["FailedEntryCount"] == 0

    def put(self, number: int) -> None:
        """Put an event with a number."""
        entry = {
            "EventBusName": self.name,
            "Source": "tests",
            "DetailType": "number",
            "Detail": json.dumps({"number": number}),
        }
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def received(self, arn: str) -> Any:
        """Wait for a message of a queue: the number in its event, and its attributes."""
        url = self.sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        (message,) = wait_for(
            lambda: self.sqs.receive_message(
                QueueUrl=url, MessageAttributeNames=["All"], VisibilityTimeout=0
            ).get("Messages")
        )
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        attributes = {
            name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()
        }
        return json.loads(message["Body"])["detail"]["number"], attributes


class Receiver(ThreadingHTTPServer):
    """A server that records the numbers of events, or closes connections without a response."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.is_down = True
        self.refused: list[int] = []
        self.accepted: list[int] = []
        Thread(target=self.serve_forever, args=[0.05], daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """Handler of one event."""

    server: Receiver

    def do_POST(self) -> None:
        """Record it."""
        number = json.loads(self.rfile.read(int(self.headers["content-length"])))["detail"][
            "number"
        ]
        if self.server.is_down:
            self.server.refused.append(number)
            return
        self.server.accepted.append(number)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def bus(emulator: LocalStack) -> Bus:
    """Return a bus of this test."""
    return Bus(emulator)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Yield a server that is down."""
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


def test_a_target_that_is_down_is_retried(bus: Bus, receiver: Receiver) -> None:
    """It gets its event when it is up again; another target of the rule does not wait for it."""
    queue = bus.queue("open")
    bus.add(bus.api(receiver.server_port), DeadLetterConfig={"Arn": bus.queue("dead")})
    bus.add(queue)
    bus.put(1)
    assert bus.received(queue) == (1, {})
    wait_for(lambda: len(receiver.refused) > 1)
    receiver.is_down = False
    wait_for(lambda: receiver.accepted == [1])


def test_retries_end_in_the_dead_letter_queue(bus: Bus, receiver: Receiver) -> None:
    """After the retries of its policy an event is there, with the reason; the next one, too."""
    dead, target = bus.queue("dead"), bus.api(receiver.server_port)
    bus.add(target, RetryPolicy={"MaximumRetryAttempts": 1}, DeadLetterConfig={"Arn": dead})
    for number in (1, 2):
        bus.put(number)
        found, attributes = bus.received(dead)
        assert found == number
        assert attributes.pop("ERROR_MESSAGE")
        assert attributes.pop("ERROR_CODE")
        assert attributes == {
            "RULE_ARN": bus.rule,
            "TARGET_ARN": target,
            "RETRY_ATTEMPTS": "1",
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        }
    assert receiver.refused == [1, 1, 2, 2]


@pytest.mark.parametrize("name", ["closed", "missing"])
def test_what_no_retry_can_change_is_dead_at_once(bus: Bus, name: str) -> None:
    """A queue whose policy does not allow the rule, and one that does not exist."""
    target, dead = bus.queue(name), bus.queue("dead")
    if name == "missing":
        url = bus.sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"]
        bus.sqs.delete_queue(QueueUrl=url)
    bus.add(target, DeadLetterConfig={"Arn": dead})
    bus.put(1)
    number, attributes = bus.received(dead)
    assert (number, attributes["RETRY_ATTEMPTS"]) == (1, "0")
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes


def test_a_dead_letter_queue_needs_a_policy(bus: Bus) -> None:
    """One that does not allow the rule gets nothing: the log says so. Other targets go on."""
    target, queue = bus.queue("target-closed"), bus.queue("open")
    bus.add(target, DeadLetterConfig={"Arn": bus.queue("dead-closed")})
    bus.add(queue)
    bus.put(1)
    wait_for(lambda: f"The dead-letter queue of {target} fails" in bus.emulator.log_text())
    assert bus.received(queue) == (1, {})
