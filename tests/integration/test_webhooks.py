"""Webhooks of a deployed stack: the receiver of the how-to, which is down for a while."""

import json
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from darkroom.cloud import Cloud
from darkroom.operations.webhooks import failed_events, secret_of
from localstack_init.deploy import deploy, destroy
from processor.events.outcomes import event_id
from tests.queues import ServiceQueue, service_queue

from .conftest import Run, new_deployment
from .localstack import PROJECT
from .test_hostile_names import check
from .waiting import wait_for

PAGE = PROJECT / "docs" / "how-to" / "receive-webhooks.md"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> int:
    """Return the receiver's port."""
    return free_port()


@pytest.fixture(scope="module")
def queue(endpoint: str) -> Iterator[ServiceQueue]:
    """Yield a queue of another service, which events may be sent to."""
    assert endpoint
    with service_queue("events") as found:
        yield found


@pytest.fixture(scope="module")
def notifying(port: int, queue: ServiceQueue) -> Iterator[Cloud]:
    """Yield a stack that sends its events to the receiver and to the queue."""
    wanted = {
        "WebhookUrl": f"http://127.0.0.1:{port}/darkroom",
        "WebhookPrivate": "on",
        "NotifyQueue": queue.arn,
    }
    deployment = new_deployment()
    deployment = replace(deployment, parameters={**deployment.parameters, **wanted})
    output: list[str] = []
    yield Cloud(deploy(deployment, output.append))
    destroy(deployment.stack, output.append)
    with pytest.raises(boto3.client("ssm").exceptions.ParameterNotFound):
        boto3.client("ssm").get_parameter(Name=f"/darkroom/{deployment.stack}/webhook-secret")


@contextmanager
def receiver(cloud: Cloud, port: int, folder: Path) -> Iterator[Path]:
    """Run the receiver of the how-to; yield the file that it prints to."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert code
    environment = {**os.environ, "WEBHOOK_SECRET": secret_of(cloud), "PORT": str(port)}
    received = folder / f"received-{uuid.uuid4().hex}"
    with (
        received.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-c", code[1]], stdout=output, stderr=subprocess.DEVNULL,
            env=environment,
        ) as process,
    ):  # fmt: skip
        try:
            yield received
        finally:
            process.kill()


def details(received: Path) -> list[dict[str, Any]]:
    """Return what the receiver has printed."""
    return [json.loads(line) for line in received.read_text().splitlines()]


def test_the_receiver_gets_exactly_the_outcomes(
    notifying: Cloud, queue: ServiceQueue, port: int, tmp_path: Path, sample: Any
) -> None:
    """A receiver that was down gets each outcome once, by ID; the queue gets the same."""
    keys = {f"{number}.png" for number in range(4)}
    for key in sorted(keys):
        notifying.s3.put_object(
            Bucket=notifying.outputs["RawBucket"], Key=key, Body=sample("coffee.png")
        )
    wait_for(lambda: all((notifying.catalog.get(key) or {}).get("renditions") for key in keys))
    # At least one attempt has failed: nobody listens yet.
    logs: Any = boto3.client("logs")
    wait_for(
        lambda: logs.filter_log_events(
            logGroupName=notifying.outputs["WebhookLogGroup"], filterPattern='"webhook failed"'
        )["events"]
    )
    with receiver(notifying, port, tmp_path) as received:
        wait_for(lambda: {each["key"] for each in details(received)} == keys)
        found = details(received)
    entries = {key: notifying.catalog.get(key) for key in keys}
    outcomes = sorted(event_id(key, e["sequencer"], "done") for key, e in entries.items() if e)
    assert sorted(each["id"] for each in found) == outcomes
    sent = []
    while bodies := queue.take():
        sent += [json.loads(each)["detail"]["id"] for each in bodies]
    assert sorted(set(sent)) == outcomes


def test_a_failed_event_is_listed_and_replayed(
    notifying: Cloud, port: int, tmp_path: Path, sample: Any, run: Run
) -> None:
    """After its attempts an event is a dead letter; the command line lists and replays it.

    Its key has control characters and markup, which are escaped.
    """
    key = "dead\x1b[31m\n[/red].png"
    stack = notifying.outputs["ProcessFunction"].removesuffix("-process")
    dead = notifying.queue_arn("DeadWebhooksUrl")
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    url = notifying.outputs["WebhooksUrl"]
    notifying.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    notifying.s3.put_object(
        Bucket=notifying.outputs["RawBucket"], Key=key, Body=sample("coffee.png")
    )
    wait_for(lambda: [each.detail["key"] for each in failed_events(notifying)] == [key])
    check(run("webhooks", "list", "--stack", stack), key)
    with receiver(notifying, port, tmp_path) as received:
        assert "1 event" in run("webhooks", "replay", "--stack", stack).stdout
        wait_for(lambda: [each["key"] for each in details(received)] == [key])
    assert "accepted all" in run("webhooks", "list", "--stack", stack).stdout
