"""Stacks of their own, whose policies are changed and restored."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.definitions import TEMPLATE
from localstack_init.deploy import Deployment, deploy
from tests.deployed import endpoint, new_deployment, own_localstack
from tests.integration.bus import inbox
from tests.integration.localstack import LocalStack
from tests.receiver import Receiver
from tests.speed import LIMIT

from .removal import Policies
from .stage import Stage, Trace

__all__ = ["endpoint", "own_localstack"]

PARAMETERS = {
    "NotifyQueue": "arn:aws:sqs:us-east-1:000000000000:no-such-queue",
    "WebhookPrivate": "on",
    "Analyze": "all",
    "Tracing": "on",
    "UndeleteDays": "7",
    "VariantEvents": "on",
}
"""With all statements of the roles, but those of DeleteOriginal: flows need their originals."""

DELETING = {**PARAMETERS, "DeleteOriginal": "after-processing", "UndeleteDays": "0"}


@pytest.fixture(scope="session")
def stage(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Stage]:
    """Yield a deployed stack in the emulator, which judges its roles."""
    if own_localstack is None:
        pytest.skip("the decisions are the emulator's")
    yield from staged(endpoint, PARAMETERS)


@pytest.fixture(scope="session")
def deleting(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Stage]:
    """Yield a stack that deletes originals after processing."""
    if own_localstack is None:
        pytest.skip("the decisions are the emulator's")
    yield from staged(endpoint, DELETING)


def staged(endpoint: str, parameters: Mapping[str, str]) -> Iterator[Stage]:
    """Yield a deployed stack with some parameters."""
    output: list[str] = []
    with httpx.Client(timeout=LIMIT) as http, Receiver() as receiver:
        wanted = {**parameters, "WebhookUrl": receiver.url}
        cloud = Cloud(deploy(deployment(**wanted), output.append))
        with inbox(cloud) as events:
            yield Stage(cloud, http, Trace(endpoint), events, receiver)


@pytest.fixture(scope="session")
def policies(stage: Stage) -> Policies:
    """Return the policies of the deployed stack."""
    return Policies.of(stage.stack)


@dataclass(frozen=True, slots=True)
class Deployer:
    """The role of deployer.yaml, and the boundary of the roles that it creates."""

    role: str
    boundary: str

    def script_policy(self) -> str:
        """Return the ARN of the policy of the script's calls."""
        pages = boto3.client("iam").list_attached_role_policies(
            RoleName=self.role.rpartition("/")[2]
        )
        arns = [each["PolicyArn"] for each in pages["AttachedPolicies"]]
        return next(str(each) for each in arns if "-ScriptPolicy-" in each)

    def session(self) -> boto3.Session:
        """Return a session of the role."""
        found = boto3.client("sts").assume_role(RoleArn=self.role, RoleSessionName="deploys")
        key = found["Credentials"]
        return boto3.Session(
            key["AccessKeyId"],
            key["SecretAccessKey"],
            key["SessionToken"],
            boto3.Session().region_name,
        )


@pytest.fixture(scope="session")
def deployer(own_localstack: LocalStack | None, endpoint: str) -> Deployer:
    """Return the role that deploys the tests' stacks."""
    if own_localstack is None:
        pytest.skip("the decisions are the emulator's")
    assert endpoint
    cloudformation = boto3.client("cloudformation")
    name = f"deploys-{uuid.uuid4().hex[:8]}"
    prefix = deployment().stack.rpartition("-")[0]
    parameters = {
        "Repository": "owner/darkroom",
        "StackPrefix": prefix,
        "TablePrefix": prefix,
        "MayDestroy": "yes",
    }
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(TEMPLATE.parent / "deployer.yaml").read_text(),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    return Deployer(outputs["RoleArn"], outputs["BoundaryArn"])


def deployment(**parameters: str) -> Deployment:
    """Return a new deployment with some parameters."""
    usual = new_deployment()
    return replace(usual, parameters={**usual.parameters, **parameters})
