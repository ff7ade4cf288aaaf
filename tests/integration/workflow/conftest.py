"""Stacks whose workflow can be made to fail."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from tests.integration.conftest import new_deployment
from tests.integration.localstack import LocalStack
from tests.queues import ServiceQueue, service_queue
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
def watchful(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Bench]:
    """Give a stack that has every picture looked at."""
    if own_localstack is None:
        pytest.skip("no picture could be declared to be flagged there")
    assert endpoint
    with deployed(Analyze="all") as bench:
        yield bench


@dataclass
class Notices:
    """What the workflow's topic has told."""

    queue: ServiceQueue
    _told: list[dict[str, Any]] = field(default_factory=list)

    def of(self, key: str) -> list[dict[str, Any]]:
        """What it has told of a key, in order."""
        while bodies := self.queue.take():
            self._told += map(json.loads, bodies)
        return [each for each in self._told if each["key"] == key]


@pytest.fixture(scope="session")
def notices(bench: Bench) -> Iterator[Notices]:
    """Give what subscribers to the topic are told."""
    with service_queue("sns") as queue:
        boto3.client("sns").subscribe(
            TopicArn=bench.cloud.outputs["WorkflowTopic"],
            Protocol="sqs",
            Endpoint=queue.arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        yield Notices(queue)


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
