"""The role of deployer.yaml deploys, changes and deletes a stack whose roles have its boundary.

The emulator creates a stack's resources as the account: the role needs their permissions on AWS
alone. tests/unit/localstack_init/test_deployer.py compares those with AWS's lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import Deployment, compare, deploy, destroy
from localstack_init.permissions import permissions
from tests.speed import LIMIT

from .conftest import PARAMETERS, Deployer, deployment
from .flows import FLOWS, OF_PUBLIC_READ
from .removal import Policies
from .stage import Notices, Stage, Trace

BY_DAY = ("upload", "overwrite", "delete", "approve", "workflow", "api process", OF_PUBLIC_READ)
"""Flows that need most of the boundary."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack that the role has deployed."""

    deployment: Deployment
    stage: Stage
    began: int
    """The number of the last denial before."""


@pytest.fixture(scope="module")
def deployed(deployer: Deployer, endpoint: str) -> Iterator[Deployed]:
    """Yield a stack with the boundary, deployed by the role."""
    trace = Trace(endpoint)
    began = trace.last()
    wanted = {**PARAMETERS, "RolesBoundary": deployer.boundary, "PublicRead": "https-only"}
    # As on AWS: without replacing the stack.
    found = replace(deployment(**wanted), replace=False)
    output: list[str] = []
    cloud = Cloud(deploy(found, output.append, deployer.session()))
    with httpx.Client(timeout=LIMIT) as http:
        stage = Stage(cloud, http, trace, Notices.of(cloud.outputs["WorkflowTopic"]))
        yield Deployed(found, stage, began)


def denials(deployed: Deployed, deployer: Deployer) -> list[dict[str, object]]:
    """Return the denials of the role."""
    found = deployed.stage.trace.denials(deployed.began)
    return [each for each in found if each["role"] == deployer.role]


def test_the_roles_have_the_boundary(deployed: Deployed, deployer: Deployer) -> None:
    """The deployment was allowed, and has put the boundary on each role."""
    assert denials(deployed, deployer) == []
    iam = boto3.client("iam")
    resources = Policies.of(deployed.stage.stack).resources
    roles = [name for logical, name in resources.items() if logical.endswith("Role")]
    assert len(roles) == 5
    for role in roles:
        found = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]
        assert found["PermissionsBoundaryArn"] == deployer.boundary


@pytest.mark.parametrize(
    "name",
    [each if each in BY_DAY else pytest.param(each, marks=pytest.mark.nightly) for each in FLOWS],
)
def test_a_flow_is_allowed_within_the_boundary(deployed: Deployed, name: str) -> None:
    """The boundary allows what the roles need."""
    before = deployed.stage.trace.last()
    FLOWS[name](deployed.stage)
    assert deployed.stage.denials(before) == []


def test_public_reads_need_their_statement(deployed: Deployed) -> None:
    """Without it nobody reads a rendition from the bucket."""
    (permission,) = [each for each in permissions() if each.flow == OF_PUBLIC_READ]
    policies = Policies.of(deployed.stage.stack)
    with policies.without(permission), pytest.raises(AssertionError, match="403"):
        FLOWS[OF_PUBLIC_READ](deployed.stage)


def test_the_role_compares_changes_and_deletes(deployed: Deployed, deployer: Deployer) -> None:
    """The other commands are allowed as well."""
    output: list[str] = []
    session = deployer.session()
    compare(deployed.deployment, output.append, session)
    deploy(replace(deployed.deployment, protected=True), output.append, session)
    name = deployed.deployment.stack
    session.client("cloudformation").update_termination_protection(
        StackName=name, EnableTerminationProtection=False
    )
    destroy(name, output.append, session)
    assert denials(deployed, deployer) == []
