"""Two stages: one whose messages come singly, by the tests' own courier, and one as deployed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

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
from .told import Told

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

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


def unmapped(stage: Stage) -> Stage:
    """Have the function given no messages by Lambda."""
    function = stage.cloud.outputs["ProcessFunction"]
    client = boto3.client("lambda")

    def mappings() -> "list[EventSourceMappingConfigurationTypeDef]":
        return client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]

    (mapping,) = mappings()
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    wait_for(lambda: not mappings())
    return stage


@contextmanager
def carried(stage: Stage) -> Iterator[Stage]:
    """Have the function given one message at a time, several at once."""
    outputs = stage.cloud.outputs
    with Courier(outputs["QueueUrl"], outputs["ProcessFunction"], threads=6):
        yield stage


@pytest.fixture(scope="session")
def without_mapping(director: Director) -> Stage:
    """Give a stage whose function is given no messages; its bucket of originals has versions, and
    variants have events.
    """
    return unmapped(staged(director, ALONE, UndeleteDays="7", VariantEvents="on"))


@pytest.fixture(scope="module")
def one_by_one(without_mapping: Stage) -> Iterator[Stage]:
    """Give a stage whose function has one message at a time, and several of it are at work."""
    with carried(without_mapping):
        yield without_mapping


@pytest.fixture(scope="module")
def told(one_by_one: Stage) -> Iterator[Told]:
    """Give what that stage commits and tells."""
    with Told.of(one_by_one) as found:
        yield found


@pytest.fixture(scope="module")
def deleting(director: Director) -> Iterator[Stage]:
    """Give such a stage that deletes originals after processing."""
    with carried(unmapped(staged(director, ALONE, DeleteOriginal="after-processing"))) as stage:
        yield stage


@pytest.fixture(scope="session")
def in_batches(director: Director) -> Stage:
    """Give a stage whose messages come as they do when it is deployed."""
    return staged(director, IN_BATCHES)
