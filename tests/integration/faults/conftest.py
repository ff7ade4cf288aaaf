"""Two stages: one whose messages come singly, by the tests' own courier, and one as deployed."""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from tests.integration.conftest import new_deployment
from tests.integration.localstack import LocalStack
from tests.integration.waiting import wait_for
from tests.speed import limit

from .courier import Courier
from .director import Director
from .stage import Stage

ALONE = round(limit(10))
IN_BATCHES = round(limit(8))
"""Seconds that the functions have."""


def staged(director: Director, timeout: int, **parameters: str) -> Stage:
    """Deploy a stack whose function asks the director."""
    said: list[str] = []
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, **parameters})
    stage = Stage(Cloud(deploy(deployment, said.append)), director, timeout)
    stage.prepare()
    return stage


@pytest.fixture(scope="session")
def director(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Director]:
    """Give the one who says what goes wrong."""
    if own_localstack is None:
        pytest.skip("the function could not reach the director from there")
    assert endpoint
    director = Director()
    with director.listening():
        yield director


@pytest.fixture(scope="session")
def without_mapping(director: Director) -> Stage:
    """Give a stage whose function is given no messages; its bucket of originals has versions."""
    stage = staged(director, ALONE, UndeleteDays="7")
    outputs = stage.cloud.outputs
    client = boto3.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=outputs["ProcessFunction"])[
        "EventSourceMappings"
    ]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    wait_for(
        lambda: (
            not client.list_event_source_mappings(FunctionName=outputs["ProcessFunction"])[
                "EventSourceMappings"
            ]
        ),
    )
    return stage


@pytest.fixture(scope="module")
def one_by_one(without_mapping: Stage) -> Iterator[Stage]:
    """Give a stage whose function has one message at a time, and several of it are at work."""
    outputs = without_mapping.cloud.outputs
    with Courier(outputs["QueueUrl"], outputs["ProcessFunction"], threads=6):
        yield without_mapping


@pytest.fixture(scope="session")
def in_batches(director: Director) -> Stage:
    """Give a stage whose messages come as they do when it is deployed."""
    return staged(director, IN_BATCHES)
