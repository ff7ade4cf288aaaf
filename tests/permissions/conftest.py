"""A stack of its own, whose roles' policies are changed and restored."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from tests.deployed import endpoint, new_deployment, own_localstack
from tests.integration.localstack import LocalStack
from tests.speed import LIMIT

from . import removal
from .removal import Role
from .stage import Notices, Stage, Trace

__all__ = ["endpoint", "own_localstack"]

PARAMETERS = {"Analyze": "all", "Tracing": "on", "PublicRead": "off"}
"""With all statements of the roles."""


@pytest.fixture(scope="session")
def stage(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Stage]:
    """Yield a deployed stack in the emulator, which judges its roles."""
    if own_localstack is None:
        pytest.skip("the decisions are the emulator's")
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, **PARAMETERS})
    output: list[str] = []
    cloud = Cloud(deploy(deployment, output.append))
    with httpx.Client(timeout=LIMIT) as http:
        notices = Notices.of(cloud.outputs["WorkflowTopic"])
        yield Stage(cloud, http, Trace(endpoint), notices)


@pytest.fixture(scope="session")
def roles(stage: Stage) -> dict[str, Role]:
    """Return the deployed roles by their names in the template."""
    return removal.roles(stage.stack)
