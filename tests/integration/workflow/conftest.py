"""Stacks whose workflow can be made to fail."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from tests.integration.bus import Inbox
from tests.integration.conftest import new_deployment
from tests.integration.localstack import PROJECT, LocalStack
from tests.queues import service_queue
from tests.speed import LIMIT, limit

from .bench import Bench


@contextmanager
def deployed(**parameters: str) -> Iterator[Bench]:
    """Deploy a stack with these parameters."""
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, **parameters})
    said: list[str] = []
    with httpx.Client(timeout=LIMIT) as http:
        bench = Bench(Cloud(deploy(deployment, said.append)), http)
        bench.prepare()
        yield bench


@pytest.fixture(scope="session")
def bench(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Bench]:
    """Give a stack whose reviews wait for as long as they have to."""
    if own_localstack is None:
        pytest.skip("the function's role would not let it look for faults there")
    assert endpoint
    # A fault hangs for as long as the function may, in which a test has to stop the execution.
    timeout = next((each for each in (10, 30) if each >= limit(7)), 60)
    with deployed(FunctionTimeout=str(timeout)) as bench:
        yield bench


@pytest.fixture(scope="session")
def hasty(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Bench]:
    """Give a stack whose reviews wait for a moment only."""
    if own_localstack is None:
        pytest.skip("the function's role would not let it look for faults there")
    assert endpoint
    with deployed(ReviewTimeout="3") as bench:
        yield bench


@pytest.fixture(scope="session")
def outcomes(own_localstack: LocalStack | None, endpoint: str) -> Iterator[tuple[Inbox, str]]:
    """Yield a queue that events may be sent to, and its ARN."""
    if own_localstack is None:
        pytest.skip("no picture could be declared to be flagged there")
    assert endpoint
    with service_queue("events") as queue:
        yield Inbox(queue), queue.arn


@pytest.fixture(scope="session")
def moderators(outcomes: object) -> Iterator[tuple[Inbox, str]]:
    """Yield a queue that moderators have subscribed to a topic, and the topic's ARN.

    The topic's policy and the subscription's filter are those of the how-to.
    """
    assert outcomes
    page = (PROJECT / "docs" / "how-to" / "review-held-images.md").read_text()
    found = re.search(r"--attributes '(.*)'", page)
    assert found
    filtered = json.loads(found[1])
    sns: Any = boto3.client("sns")
    topic = sns.create_topic(Name=f"moderators-{uuid.uuid4().hex[:8]}")["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    with service_queue("sns") as queue:
        attributes = {"RawMessageDelivery": "true", **filtered}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=attributes)
        yield Inbox(queue), topic
    sns.delete_topic(TopicArn=topic)


@pytest.fixture(scope="session")
def watchful(outcomes: tuple[Inbox, str], moderators: tuple[Inbox, str]) -> Iterator[Bench]:
    """Give a stack that has every picture looked at, and sends its events on."""
    with deployed(Analyze="all", NotifyQueue=outcomes[1], NotifyTopic=moderators[1]) as bench:
        yield bench


@pytest.fixture
def picture(bench: Bench, key: str, sample: Callable[[str], bytes]) -> str:
    """Give the key of a picture that has gone the queue's way."""
    bench.put(key, sample("coffee.png"))
    bench.done(key)
    return key


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Give a key that no other test uses, and that is not plain."""
    return f"{request.node.originalname}/{uuid.uuid4().hex[:8]} é+.jpg"
