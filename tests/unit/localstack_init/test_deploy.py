"""What a deployment takes over from the one before, what it protects, and in which order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from localstack_init import deploy as deploying
from localstack_init.artifacts import ArtifactBucket
from localstack_init.build import Artifact
from localstack_init.change_set import Difference
from localstack_init.deploy import Deployment, compare, deploy, destroy
from localstack_init.stack import StackError
from localstack_init.template import read_template
from tests.unit.localstack_init.stacks import (
    NOW,
    event,
    happens,
)

ARTIFACTS = {
    "ArtifactBucket": "artifacts",
    "CodeKey": "code/1.zip",
}
X86_64 = {**ARTIFACTS, "LayerKey": "layer/x86_64.zip", "Architecture": "x86_64"}
ARM64 = {**ARTIFACTS, "LayerKey": "layer/arm64.zip", "Architecture": "arm64"}

EMPTY = {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}


class Bucket:
    """An artifact bucket that notes what is asked of it."""

    name = ARTIFACTS["ArtifactBucket"]

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.needed: set[str] = set()

    def exists(self) -> bool:
        """It is there."""
        return True

    def ensure(self) -> None:
        """Note the call."""
        self.asked.append("ensure")

    def upload(self, artifact: Artifact, _say: Callable[[str], None]) -> None:
        """Note the key."""
        self.asked.append(artifact.key)

    def prune(self, needed: set[str]) -> None:
        """Note what is to stay."""
        self.asked.append("prune")
        self.needed = needed

    def delete(self) -> None:
        """Note the call."""
        self.asked.append("delete")


@pytest.fixture
def bucket(cloudformation: Stubber, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Give the artifact bucket; CloudFormation is the test's own, and nothing is built or sent."""
    own = Bucket()

    def client(service: str, **_: object) -> object:
        assert service == "cloudformation"
        return cloudformation.client

    monkeypatch.setattr(boto3, "client", client)
    monkeypatch.setattr(ArtifactBucket, "of", lambda _: own)
    monkeypatch.setattr(deploying, "build_code", lambda: Artifact(Path("c"), "code/1.zip"))
    monkeypatch.setattr(
        deploying, "build_layer", lambda target: Artifact(Path("l"), f"layer/{target}.zip")
    )
    definition = Artifact(Path("api-0123456789.json"), "api/1.json")
    monkeypatch.setattr(deploying, "build_definition", lambda: definition)
    panels = Artifact(Path("dashboard-1.json"), "dashboard/1.json")
    monkeypatch.setattr(deploying, "build_dashboard", lambda: panels)
    workflow = Artifact(Path("workflow-1.json"), "workflow/1.json")
    monkeypatch.setattr(deploying, "build_workflow", lambda: workflow)
    monkeypatch.setattr(deploying, "deploy_site", lambda *_: None)
    return own


def is_deployed(
    cloudformation: Stubber,
    parameters: dict[str, str] | None,
    status: str = "UPDATE_COMPLETE",
    **more: object,
) -> None:
    """Answer the next question for the stack; None for its parameters is none at all."""
    if parameters is None:
        message = "Stack with id darkroom does not exist"
        cloudformation.add_client_error("describe_stacks", "ValidationError", message)
        return
    pairs = [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]
    outputs = [{"OutputKey": key, "OutputValue": key} for key in ("SiteBucket", "Distribution")]
    stack = {
        "StackName": "darkroom", "StackId": "arn:stack", "CreationTime": NOW,
        "StackStatus": status, "Parameters": pairs, "Outputs": outputs, **more,
    }  # fmt: skip
    cloudformation.add_response("describe_stacks", {"Stacks": [stack]})


def expect_change_set(
    cloudformation: Stubber, parameters: dict[str, str], answer: dict[str, Any]
) -> None:
    """Expect a change set with these parameters, in any order."""

    class Wanted:
        def __eq__(self, other: object) -> bool:
            assert isinstance(other, list)
            return {each["ParameterKey"]: each["ParameterValue"] for each in other} == parameters

        __hash__ = None  # type: ignore[assignment]

    cloudformation.add_response(
        "create_change_set",
        {"Id": "arn:change-set:1"},
        {
            "StackName": ANY, "ChangeSetName": ANY, "ChangeSetType": ANY, "TemplateBody": ANY,
            "Capabilities": ANY, "Tags": ANY, "Parameters": Wanted(),
        },
    )  # fmt: skip
    cloudformation.add_response("describe_change_set", answer)


@pytest.mark.parametrize(
    ("before", "deployment", "wanted"),
    [
        pytest.param(
            {**ARM64, "FunctionMemory": "1024"},
            Deployment(),
            {**ARM64, "FunctionMemory": "1024"},
            id="all stays, the processor, too",
        ),
        pytest.param(
            {**ARM64, "FunctionMemory": "1024"},
            Deployment(target="x86_64", parameters={"FunctionMemory": "3008"}),
            {**X86_64, "FunctionMemory": "3008"},
            id="what is given changes",
        ),
        pytest.param(
            {**X86_64, "FunctionMemory": "1024", "NoMore": "1"},
            Deployment(),
            {**X86_64, "FunctionMemory": "1024"},
            id="what the template has no more is dropped",
        ),
        pytest.param(
            {**X86_64, "TableName": "Pictures"},
            Deployment.to_environment("darkroom", "test", None, {}),
            {**X86_64, "TableName": "Pictures"},
            id="the catalog keeps its name",
        ),
    ],
)
def test_what_stays_from_the_last_deployment(
    bucket: Bucket,
    cloudformation: Stubber,
    before: dict[str, str],
    deployment: Deployment,
    wanted: dict[str, str],
) -> None:
    """Parameters and processor stay as they were deployed last, unless they are given."""
    cloudformation.add_response("validate_template", {}, {"TemplateBody": ANY})
    is_deployed(cloudformation, before)
    is_deployed(cloudformation, before)
    expect_change_set(cloudformation, wanted, EMPTY)
    cloudformation.add_response("delete_change_set", {})
    parameters, changes = compare(deployment, print)
    changed = [name for name in wanted if before.get(name) != wanted[name]]
    assert {each.path for each in parameters} == set(changed)
    assert changes == []
    assert bucket.asked == ["api/1.json", "dashboard/1.json", "workflow/1.json"]


@pytest.mark.parametrize(
    ("environment", "given", "table"),
    [
        ("", {}, None),
        ("test", {}, "ImageMetadata-test"),
        ("test", {"TableName": "Pictures"}, "Pictures"),
    ],
)
def test_a_first_deployment(
    bucket: Bucket,
    cloudformation: Stubber,
    environment: str,
    given: dict[str, str],
    table: str | None,
) -> None:
    """All resources are added, on x86_64; an environment's catalog has its name. None is made."""
    deployment = Deployment.to_environment("darkroom", environment, None, given)
    assert deployment.stack == ("darkroom-test" if environment else "darkroom")
    cloudformation.add_response("validate_template", {})
    is_deployed(cloudformation, None)
    is_deployed(cloudformation, None)
    parameters, changes = compare(deployment, print)
    assert Difference("Architecture", None, "x86_64") in parameters
    tables = [each.after for each in parameters if each.path == "TableName"]
    assert tables == ([table] if table else [])
    assert {each.action for each in changes} == {"Add"}
    kinds = {each.resource: each.kind for each in changes}
    assert kinds["Catalog"] == "AWS::DynamoDB::Table"
    assert kinds["AlarmMail"] == "AWS::SNS::Subscription (if HasAlarmEmail)"
    assert bucket.asked == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("FunctionMemroy", r"no parameter FunctionMemroy\. Is it FunctionMemory\?"),
        ("Color", r"no parameter Color\. It has .*BatchSize"),
        ("Architecture", "follows from --target"),
        ("CodeKey", "not for giving"),
        ("FunctionTimeout", "FunctionTimeout=1 is not possible: FunctionTimeout is one of 10, 30"),
        ("MaximumConcurrency", "MaximumConcurrency is 0, or from 2 to 1000"),
        ("FunctionMemory", "FunctionMemory is at least 512"),
    ],
)
def test_parameters_that_cannot_be(
    bucket: Bucket, cloudformation: Stubber, name: str, message: str
) -> None:
    """A parameter that there is not, that is the script's own, or that cannot have such a value, is
    refused before all else.
    """
    is_deployed(cloudformation, X86_64)
    cloudformation.add_response("validate_template", {})
    with pytest.raises(StackError, match=message):
        deploy(Deployment(parameters={name: "1"}), print)
    assert bucket.asked == []


def test_what_a_new_account_can_give() -> None:
    """Without parameters nothing is reserved, which AWS would refuse an account that has ten
    concurrent executions, and the queue takes fewer than these.
    """
    template = read_template(deploying.TEMPLATE.read_text())
    default = {name: each.get("Default") for name, each in template["Parameters"].items()}
    assert default["ApiReservedConcurrency"] == "0"
    assert 2 <= int(default["MaximumConcurrency"]) < 10


def test_the_api_has_a_share_of_its_own() -> None:
    """A parameter reserves concurrency for the API's function, and for no other; the emulator's
    deployment gives it.
    """
    resources = read_template(deploying.TEMPLATE.read_text())["Resources"]
    reserved = {
        name: each["Properties"]["ReservedConcurrentExecutions"]
        for name, each in resources.items()
        if "ReservedConcurrentExecutions" in each["Properties"]
    }
    # If, and what is referred to.
    conditional = ["HasApiReservedConcurrency", "ApiReservedConcurrency", "AWS::NoValue"]
    assert reserved == {"ApiFunction": conditional}
    emulated = Deployment.to_emulator("http://localhost:4566").parameters
    assert emulated["ApiReservedConcurrency"] == "6"


def test_production_is_protected(bucket: Bucket, cloudformation: Stubber) -> None:
    """The policy is there before an update, and names what holds data; all artifacts come first,
    and the ones before stay for a rollback.
    """
    before = {**ARM64, "CodeKey": "code/0.zip", "TableName": "ImageMetadata-prod"}
    after = {**before, **ARM64}

    def expect_protection() -> None:
        is_deployed(cloudformation, after)
        cloudformation.add_response(
            "update_termination_protection", {},
            {"StackName": "darkroom-prod", "EnableTerminationProtection": True},
        )  # fmt: skip
        cloudformation.add_response(
            "set_stack_policy", {}, {"StackName": "darkroom-prod", "StackPolicyBody": Protects()}
        )

    is_deployed(cloudformation, before)
    cloudformation.add_response("validate_template", {})
    is_deployed(cloudformation, before)
    expect_protection()
    is_deployed(cloudformation, before)
    cloudformation.add_response("list_change_sets", {"Summaries": []})
    ready = {"Status": "CREATE_COMPLETE", "Changes": [{"Type": "Resource"}]}
    expect_change_set(cloudformation, after, ready)
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "UPDATE_COMPLETE"))
    is_deployed(cloudformation, after)
    happens(cloudformation, event(1, "UPDATE_COMPLETE"))
    expect_protection()
    is_deployed(cloudformation, after)
    outputs = deploy(Deployment.to_environment("darkroom", "prod", None, {}), lambda _: None)
    assert outputs["SiteBucket"] == "SiteBucket"
    definitions = ["api/1.json", "dashboard/1.json", "workflow/1.json"]
    sent = ["code/1.zip", "layer/arm64.zip", *definitions]
    assert bucket.asked == ["ensure", *sent, "prune"]
    assert {"code/0.zip", *sent} <= bucket.needed


class Protects:
    """Equals a stack policy that lets nobody replace or delete what holds data."""

    def __eq__(self, other: object) -> bool:
        deny, allow = json.loads(str(other))["Statement"]
        names = {each.removeprefix("LogicalResourceId/") for each in deny["Resource"]}
        return (
            deny["Effect"] == "Deny"
            and set(deny["Action"]) == {"Update:Replace", "Update:Delete"}
            and names == {"RawBucket", "ProcessedBucket", "Catalog"}
            and (allow["Effect"], allow["Action"]) == ("Allow", "Update:*")
        )

    __hash__ = None  # type: ignore[assignment]


def test_a_failed_deployment_keeps_all_artifacts(bucket: Bucket, cloudformation: Stubber) -> None:
    """Nothing is thrown away after an update that was rolled back."""
    is_deployed(cloudformation, X86_64)
    cloudformation.add_response("validate_template", {})
    is_deployed(cloudformation, X86_64)
    is_deployed(cloudformation, X86_64)
    cloudformation.add_response("list_change_sets", {"Summaries": []})
    ready = {"Status": "CREATE_COMPLETE", "Changes": [{"Type": "Resource"}]}
    expect_change_set(cloudformation, X86_64, ready)
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    failed = event(1, "UPDATE_FAILED", "ProcessFunction", "The layer is too large")
    happens(cloudformation, failed)
    is_deployed(cloudformation, X86_64, "UPDATE_ROLLBACK_COMPLETE")
    happens(cloudformation, failed)
    with pytest.raises(StackError, match=r"UPDATE_ROLLBACK_COMPLETE(.|\n)*The layer is too large"):
        deploy(Deployment(), lambda _: None)
    assert "prune" not in bucket.asked


def test_destroying_what_is_protected(bucket: Bucket, cloudformation: Stubber) -> None:
    """Nothing is emptied, and nothing deleted: the protection is looked at first."""
    is_deployed(cloudformation, X86_64, EnableTerminationProtection=True)
    with pytest.raises(StackError, match="protected from deletion"):
        destroy("darkroom-prod", print)
    assert bucket.asked == []


def test_destroying_waits_for_a_deployment(
    bucket: Bucket, cloudformation: Stubber, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    """While a deployment is at work nothing is emptied."""
    is_deployed(cloudformation, X86_64)
    is_deployed(cloudformation, X86_64, "UPDATE_IN_PROGRESS")
    is_deployed(cloudformation, X86_64)
    buckets = [
        {
            "LogicalResourceId": "RawBucket", "PhysicalResourceId": "raw",
            "ResourceType": "AWS::S3::Bucket", "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": NOW,
        }
    ]  # fmt: skip
    cloudformation.add_response("list_stack_resources", {"StackResourceSummaries": buckets})
    is_deployed(cloudformation, X86_64)
    happens(cloudformation)
    cloudformation.add_response("delete_stack", {}, {"StackName": "darkroom"})
    happens(cloudformation, event(1, "DELETE_COMPLETE"))
    is_deployed(cloudformation, X86_64, "DELETE_COMPLETE")
    happens(cloudformation, event(1, "DELETE_COMPLETE"))
    client = boto3.client
    monkeypatch.setattr(
        boto3, "client", lambda name, **_: name if name == "s3" else client("cloudformation")
    )

    def empty(s3: object, name: str) -> int:
        assert (s3, name) == ("s3", "raw")
        return 3

    monkeypatch.setattr(deploying, "empty_bucket", empty)
    destroy("darkroom", said.append)
    assert "waiting" in said[0]
    assert "Deleted 3 objects from raw" in said
    assert bucket.asked == ["delete"]
