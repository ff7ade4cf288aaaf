"""The role of deployer.yaml deploys, changes and deletes a stack whose roles have its boundary.

The emulator creates a stack's resources as the role, with the calls of its own handlers.
tests/unit/localstack_init/test_deployer.py compares the role's policies with the calls of AWS's.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle

import boto3
import httpx
import pytest
from boto3.exceptions import Boto3Error
from botocore.exceptions import ClientError, WaiterError

from darkroom.cloud import Cloud
from localstack_init.artifacts import ArtifactBucket
from localstack_init.cloudformation import StackError
from localstack_init.definitions import TEMPLATE
from localstack_init.deploy import Deployment, compare, deploy, destroy
from localstack_init.documented import read, statements
from localstack_init.permissions import Permission, listed, permissions
from tests.integration.bus import inbox
from tests.receiver import Receiver
from tests.speed import LIMIT

from .conftest import PARAMETERS, Deployer, deployment
from .flows import DELETING, FLOWS, PUBLIC
from .removal import Document, ManagedPolicy, Policies
from .sample import sampled
from .stage import FlowFailedError, Stage, Trace

UNPROVEN = {
    "Stacks cloudformation:ContinueUpdateRollback": "after a failed rollback only",
    "Stacks cloudformation:TagResource": "the emulator does not ask for it",
    "Stacks cloudformation:UntagResource": "the emulator does not ask for it",
    "Artifacts s3:AbortMultipartUpload": "after a failed upload only",
    "Artifacts s3:DeleteObject": "DeleteObjects needs it beside s3:DeleteObjectVersion, says AWS",
    "EmptyBuckets s3:DeleteObject": "the same",
    "SigningKeys cloudfront-keyvaluestore:PutKey": "the first deployment alone writes a key",
    "SigningKeyCopies ssm:DeleteParameter": "the deletion of a pipeline alone",
    "Artifacts s3:GetObjectVersion": "CloudFormation and Lambda read artifacts as the account",
}
"""What the steps below do not use of the script's policy."""

RETENTIONS = cycle(("30", "60"))
"""Values of a parameter that changes."""

BY_DAY = ("upload", "overwrite", "delete", "approve", "workflow", "api process", *PUBLIC)
"""Flows that need most of the boundary."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack that the role has deployed."""

    deployment: Deployment
    stage: Stage
    began: int
    """The number of the last denial before."""
    inbox: ExitStack
    """Its end removes the rule on the stack's bus, without which the bus can be deleted."""


@pytest.fixture(scope="module")
def deployed(deployer: Deployer, endpoint: str) -> Iterator[Deployed]:
    """Yield a stack with the boundary, deployed by the role."""
    trace = Trace(endpoint)
    began = trace.last()
    public = {"PublicRead": "https-only", "PublicUpload": "on"}
    with httpx.Client(timeout=LIMIT) as http, Receiver() as receiver:
        of_stack = {"RolesBoundary": deployer.boundary, "WebhookUrl": receiver.url}
        # As on AWS: all code is deployed by CloudFormation.
        found = replace(deployment(**PARAMETERS, **public, **of_stack), is_quick=False)
        cloud = Cloud(deploy(found, _say, deployer.session()))
        with ExitStack() as until_deletion:
            events = until_deletion.enter_context(inbox(cloud))
            stage = Stage(cloud, http, trace, events, receiver)
            yield Deployed(found, stage, began, until_deletion)


def denials(deployed: Deployed, deployer: Deployer) -> list[dict[str, object]]:
    """Return the denials of the role."""
    found = deployed.stage.trace.denials(deployed.began)
    return [each for each in found if each["role"] == deployer.role]


def test_the_roles_have_the_boundary(deployed: Deployed, deployer: Deployer) -> None:
    """The deployment was allowed, and has put the boundary on each role."""
    assert denials(deployed, deployer) == []
    iam = boto3.client("iam")
    resources = Policies.of(deployed.stage.stack).resources
    template = read(TEMPLATE.read_text()).sections["Resources"]
    roles = [name for name, each in template.items() if each["Type"] == "AWS::IAM::Role"]
    assert roles
    for role in roles:
        found = iam.get_role(RoleName=resources[role])["Role"]["PermissionsBoundary"]
        assert found["PermissionsBoundaryArn"] == deployer.boundary


@pytest.mark.parametrize(
    "name",
    [
        each if each in BY_DAY else pytest.param(each, marks=pytest.mark.nightly)
        for each in FLOWS
        if each not in DELETING
    ],
)
def test_a_flow_is_allowed_within_the_boundary(deployed: Deployed, name: str) -> None:
    """The boundary allows what the roles need."""
    before = deployed.stage.trace.last()
    FLOWS[name](deployed.stage)
    assert deployed.stage.denials(before) == []


@pytest.mark.parametrize(
    "permission",
    [each for each in permissions() if each.flow in PUBLIC],
    ids=lambda each: each.name,
)
def test_public_access_needs_its_statement(deployed: Deployed, permission: Permission) -> None:
    """Without it nobody reads a rendition from the bucket, or uploads an image to the other."""
    policies = Policies.of(deployed.stage.stack)
    with policies.without(permission), pytest.raises(FlowFailedError, match="403"):
        FLOWS[permission.flow](deployed.stage)


# --- Steps of the script, without what creates all resources -------------------------------------


def redeploy(deployed: Deployed, session: boto3.Session) -> None:
    """Deploy what is deployed; the code and a file of the page are missing, and one is left."""
    stage, name = deployed.stage, deployed.deployment.stack
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in found["Parameters"]}
    # Other artifacts may be of an earlier deployment, and this one would not upload them.
    bucket = ArtifactBucket.of(name).name
    stage.cloud.s3.delete_object(Bucket=bucket, Key=parameters["CodeKey"])
    site = stage.cloud.outputs["SiteBucket"]
    stage.cloud.s3.delete_object(Bucket=site, Key="index.html")
    stage.cloud.s3.put_object(Bucket=site, Key="left.html")
    is_protected = found.get("EnableTerminationProtection", False)
    # Without parameters, it keeps those of the last deployment.
    deploy(replace(deployed.deployment, parameters={}, protected=is_protected), _say, session)


def change(deployed: Deployed, session: boto3.Session) -> None:
    """Compare and update the stack: a parameter changes, and is protected."""
    known = deployed.deployment
    # A protected stack accepts no public uploads.
    changed = {"LogRetention": next(RETENTIONS), "PublicUpload": "off"}
    parameters = {**known.parameters, **changed}
    wanted = replace(known, parameters=parameters, protected=True)
    compare(wanted, _say, session)
    deploy(wanted, _say, session)


def delete(deployed: Deployed, session: boto3.Session) -> None:
    """Delete a small stack, whose buckets have the names of the pipeline's."""
    stack = deployment().stack
    client = boto3.client("cloudformation")
    ours = deployed.stage.cloud.outputs
    suffix = ours["RawBucket"].partition("-raw-")[2]
    kinds = ("raw", "processed", "site", "artifacts")
    names = {kind: f"{stack}-{kind}-{suffix}" for kind in kinds}
    resources = {
        kind.title(): {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
        for kind, name in names.items()
        if kind != "artifacts"
    }
    client.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    s3 = deployed.stage.cloud.s3
    s3.create_bucket(Bucket=names["artifacts"])
    for name in names.values():
        versioned = {"Status": "Enabled"}
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioned)  # type: ignore[arg-type]
        s3.put_object(Bucket=name, Key="key")
        s3.put_object(Bucket=name, Key="\x01")
    destroy(stack, _say, session)


Step = Callable[[Deployed, boto3.Session], None]
STEPS: tuple[Step, ...] = (delete, redeploy, change)
"""The cheapest first."""


def script_permissions() -> list[Permission]:
    """Return the permissions of the script's policy, each on all resources of its statement."""
    template = read((TEMPLATE.parent / "deployer.yaml").read_text())
    return [
        Permission("ScriptPolicy", each["Sid"], action, "*", 0, "", False, "", "", "", "")  # noqa: FBT003
        for each, _ in statements(template.sections["Resources"]["ScriptPolicy"])
        for action in listed(each["Action"])
    ]


SCRIPT = {f"{each.statement} {each.action}": each for each in script_permissions()}


@pytest.fixture(scope="module")
def used(deployed: Deployed, deployer: Deployer) -> dict[str, Step]:
    """Return the first step that uses each permission of the script's policy."""
    found: dict[str, Step] = {}
    redeploy(deployed, deployer.session())
    for step in STEPS:
        before = counts(deployed, deployer)
        step(deployed, deployer.session())
        for name, count in counts(deployed, deployer).items():
            if count > before.get(name, 0):
                found.setdefault(name, step)
    assert denials(deployed, deployer) == []
    return found


def counts(deployed: Deployed, deployer: Deployer) -> dict[str, int]:
    """Return how often each permission was used."""
    found: dict[str, int] = {}
    for each in deployed.stage.trace.decisions(deployer.role):
        if each["allowed"] and "ScriptPolicy" in each["policy"]:
            name = f"{each['sid']} {each['action']}"
            found[name] = found.get(name, 0) + each["count"]
    return found


def test_the_script_uses_its_policy(used: dict[str, Step]) -> None:
    """All but the listed permissions are used by a step."""
    assert set(SCRIPT) - set(used) == set(UNPROVEN)


@pytest.mark.parametrize("name", sampled([each for each in SCRIPT if each not in UNPROVEN], 12))
def test_the_script_fails_without_a_permission(
    deployed: Deployed, deployer: Deployer, used: dict[str, Step], name: str
) -> None:
    """Without one action of its policy, a step fails with a denial of this action."""
    policy, permission = ManagedPolicy(deployer.script_policy()), SCRIPT[name]
    before = deployed.stage.trace.last()
    document = policy.read()
    policy.write(without_action(document, permission))
    try:
        with pytest.raises((ClientError, Boto3Error, StackError, WaiterError)):
            used[name](deployed, deployer.session())
    finally:
        policy.write(document)
    denied = {
        each["action"]
        for each in deployed.stage.trace.denials(before)
        if each["role"] == deployer.role
    }
    assert denied == {permission.action}


def without_action(document: Document, permission: Permission) -> Document:
    """Return a policy without an action, on all resources of its statement."""
    found: list[Document] = []
    for statement in document["Statement"]:
        actions = listed(statement["Action"])
        if statement["Sid"] == permission.statement:
            actions = [each for each in actions if each != permission.action]
        if actions:
            found.append({**statement, "Action": actions})
    return {**document, "Statement": found}


def _say(_line: str) -> None:
    return


# --- The end ---------------------------------------------------------------------------------


def test_the_role_deletes_the_stack(deployed: Deployed, deployer: Deployer) -> None:
    """After its protection is removed."""
    name = deployed.deployment.stack
    before = deployed.stage.trace.last()
    session = deployer.session()
    session.client("cloudformation").update_termination_protection(
        StackName=name, EnableTerminationProtection=False
    )
    deployed.inbox.close()
    destroy(name, _say, session)
    own = [each for each in deployed.stage.trace.denials(before) if each["role"] == deployer.role]
    assert own == []
