"""Deployments: what stays from the last one, what is protected, and the order of the calls."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from localstack_init.build import Artifact, Target
from localstack_init.change_set import Difference
from localstack_init.cloudformation import StackError
from localstack_init.definitions import TEMPLATE, build_template
from localstack_init.deploy import Deployment, compare, deploy, destroy
from localstack_init.parameters import check_parameters
from localstack_init.template import read_template

from .stacks import NO_ROLLBACK, NOW, Session, event, happens

ARTIFACTS = {
    "ArtifactBucket": "darkroom-artifacts-1-eu-central-1",
    "CodeKey": "code/1.zip",
}
X86_64 = {**ARTIFACTS, "LayerKey": "layer/x86_64.zip", "Architecture": "x86_64"}
ARM64 = {**ARTIFACTS, "LayerKey": "layer/arm64.zip", "Architecture": "arm64"}
IN_TEST = {"ArtifactBucket": "darkroom-test-artifacts-1-eu-central-1"}

EMPTY = {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}

KINDS = ["template", "code", "layer"]
"""The artifacts of a deployment, in the order of their uploads."""


class S3:
    """An S3 that has every artifact, and records the operations with their keys or buckets."""

    meta = SimpleNamespace(region_name="eu-central-1", partition="aws", endpoint_url="https://s3")

    def __init__(self, stored: dict[str, list[str]]) -> None:
        self._stored = stored
        self.calls: list[tuple[str, str]] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        """Return an operation that succeeds."""

        def call(Bucket: str, **request: Any) -> dict[str, Any]:  # noqa: N803
            self.calls.append((operation, request.get("Key", Bucket)))
            return {}

        return call

    def get_paginator(self, operation: str) -> SimpleNamespace:
        """Return a paginator of one page with the stored keys."""

        def paginate(Bucket: str, **_: Any) -> list[dict[str, Any]]:  # noqa: N803
            keys = self._stored.get(Bucket, [])
            if operation == "list_object_versions":
                return [{"Versions": [{"Key": key, "VersionId": "1"} for key in keys]}]
            return [{"Contents": [{"Key": key, "LastModified": NOW, "ETag": "1"} for key in keys]}]

        return SimpleNamespace(paginate=paginate)

    def named(self, operation: str) -> list[str]:
        """Return the keys or buckets of an operation's calls."""
        return [name for called, name in self.calls if called == operation]

    def store(self, bucket: str, *keys: str) -> None:
        """Have these keys in a bucket."""
        self._stored[bucket] = list(keys)

    def kinds(self) -> list[str]:
        """Return the kinds of the artifacts that were uploaded, had they not existed."""
        return [key.partition("/")[0] for key in self.named("head_object")]


@pytest.fixture
def s3() -> S3:
    """Return an S3 with an old artifact, the last deployment's, and an original."""
    return S3({ARTIFACTS["ArtifactBucket"]: ["code/old.zip", "code/0.zip"], "raw": ["beach.jpg"]})


@pytest.fixture
def gateway() -> dict[str, str]:
    """Return API Gateway's settings of the account, with a role for logs."""
    return {"cloudwatchRoleArn": "arn:aws:iam::1:role/of-somebody"}


@pytest.fixture
def session(cloudformation: Stubber, s3: S3, gateway: dict[str, str]) -> Any:
    """Return a session with the clients of a deployment."""
    return Session(
        cloudformation=cloudformation.client,
        s3=s3,
        sts=SimpleNamespace(get_caller_identity=lambda: {"Account": "1"}),
        cloudfront=SimpleNamespace(create_invalidation=lambda **_: None),
        apigateway=SimpleNamespace(get_account=lambda: gateway),
    )


def build(target: Target) -> tuple[Artifact, Artifact]:
    """Build nothing; return a code and a layer."""
    return Artifact(Path("code"), "code/1.zip"), Artifact(Path("layer"), f"layer/{target}.zip")


def no_sleep(_seconds: float) -> None:
    """Poll without waiting."""


def is_deployed(
    cloudformation: Stubber,
    parameters: dict[str, str] | None,
    status: str = "UPDATE_COMPLETE",
    **more: object,
) -> None:
    """Return a stack with these parameters, or None for no stack, from ``DescribeStacks``."""
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
    cloudformation: Stubber,
    parameters: dict[str, str],
    description: dict[str, Any],
    *,
    compares: bool = False,
) -> None:
    """Expect a change set with these parameters, in any order; return its description."""

    class Wanted:
        def __eq__(self, other: object) -> bool:
            assert isinstance(other, list)
            return {each["ParameterKey"]: each["ParameterValue"] for each in other} == parameters

        __hash__ = None  # type: ignore[assignment]

    cloudformation.add_response(
        "create_change_set",
        {"Id": "arn:change-set:1"},
        {
            "StackName": ANY, "ChangeSetName": ANY, "ChangeSetType": ANY, "TemplateURL": ANY,
            "Capabilities": ANY, "Tags": ANY, "Parameters": Wanted(),
            "RollbackConfiguration": {} if compares else NO_ROLLBACK,
        },
    )  # fmt: skip
    for _ in range(1 if description["Status"] == "FAILED" else 2):
        cloudformation.add_response("describe_change_set", description)


@pytest.mark.parametrize(
    ("before", "deployment", "wanted"),
    [
        pytest.param(
            {**ARM64, "FunctionMemory": "1024"},
            Deployment(),
            {**ARM64, "FunctionMemory": "1024"},
            id="all stays, the architecture as well",
        ),
        pytest.param(
            {**ARM64, "FunctionMemory": "1024"},
            Deployment(target="x86_64", parameters={"FunctionMemory": "3008"}),
            {**X86_64, "FunctionMemory": "3008"},
            id="given values change",
        ),
        pytest.param(
            {**X86_64, "FunctionMemory": "1024", "NoMore": "1"},
            Deployment(),
            {**X86_64, "FunctionMemory": "1024"},
            id="parameters that the template no longer has are dropped",
        ),
        pytest.param(
            {**X86_64, **IN_TEST, "TableName": "Images"},
            Deployment.to_environment("darkroom", "test", None, {}),
            {**X86_64, **IN_TEST, "TableName": "Images"},
            id="the catalog keeps its name",
        ),
    ],
)
def test_what_stays_from_the_last_deployment(
    session: Any,
    s3: S3,
    cloudformation: Stubber,
    before: dict[str, str],
    deployment: Deployment,
    wanted: dict[str, str],
) -> None:
    """Parameters and architecture keep the last deployment's values, unless they are given."""
    is_deployed(cloudformation, before)
    is_deployed(cloudformation, before)
    cloudformation.add_response("validate_template", {}, {"TemplateURL": ANY})
    expect_change_set(cloudformation, wanted, EMPTY, compares=True)
    cloudformation.add_response("delete_change_set", {})
    parameters, changes = compare(deployment, print, session, build)
    changed = [name for name in wanted if before.get(name) != wanted[name]]
    assert {each.path for each in parameters} == set(changed)
    assert changes == []
    assert s3.kinds() == ["template"]


@pytest.mark.parametrize(
    ("environment", "given", "table"),
    [
        ("", {}, None),
        ("test", {}, "ImageMetadata-test"),
        ("test", {"TableName": "Images"}, "Images"),
    ],
)
def test_a_first_deployment(
    session: Any,
    s3: S3,
    cloudformation: Stubber,
    environment: str,
    given: dict[str, str],
    table: str | None,
) -> None:
    """Comparing a first deployment adds all resources, on x86_64, and creates none; the catalog's
    name has the environment's.
    """
    deployment = Deployment.to_environment("darkroom", environment, None, given)
    assert deployment.stack == ("darkroom-test" if environment else "darkroom")
    is_deployed(cloudformation, None)
    is_deployed(cloudformation, None)
    parameters, changes = compare(deployment, print, session, build)
    assert Difference("Architecture", None, "x86_64") in parameters
    tables = [each.after for each in parameters if each.path == "TableName"]
    assert tables == ([table] if table else [])
    assert {each.action for each in changes} == {"Add"}
    kinds = {each.resource: each.kind for each in changes}
    assert kinds["Catalog"] == "AWS::DynamoDB::Table"
    assert kinds["AlarmMail"] == "AWS::SNS::Subscription (if HasAlarmEmail)"
    assert s3.calls == []


def test_a_first_deployment_in_an_account(
    session: Any, cloudformation: Stubber, gateway: dict[str, str]
) -> None:
    """Comparing one adds the account's stack as well, if API Gateway has no role for logs."""
    gateway.clear()
    is_deployed(cloudformation, None)
    is_deployed(cloudformation, None)
    _, changes = compare(Deployment(), print, session, build)
    assert [each.resource for each in changes[:2]] == [
        "darkroom-account/ApiAccount",
        "darkroom-account/ApiLogRole",
    ]


def test_no_pipeline_has_the_name_of_the_account_stack(session: Any, s3: S3) -> None:
    """A pipeline of that name is neither deployed nor deleted."""
    deployment = Deployment.to_environment("darkroom", "account", None, {})
    with pytest.raises(StackError, match="darkroom-account is no pipeline"):
        deploy(deployment, print, session, build)
    with pytest.raises(StackError, match="darkroom-account is no pipeline"):
        destroy("darkroom-account", print, session)
    assert s3.calls == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("FunctionMemroy", r"no parameter FunctionMemroy\. Did you mean FunctionMemory\?"),
        ("Color", r"no parameter Color\. Use one of .*BatchSize"),
        ("Architecture", "Use --target"),
        ("CodeKey", "the deploy script sets it"),
        ("FunctionTimeout", "FunctionTimeout=1 is not allowed: FunctionTimeout is one of 10, 30"),
        ("MaximumConcurrency", "MaximumConcurrency is 0, or from 2 to 1000"),
        ("FunctionMemory", "FunctionMemory is at least 512"),
    ],
)
def test_refused_parameters(
    session: Any, s3: S3, cloudformation: Stubber, name: str, message: str
) -> None:
    """An unknown parameter, one that the script sets, and a forbidden value are refused before
    anything is uploaded.
    """
    is_deployed(cloudformation, X86_64)
    with pytest.raises(StackError, match=message):
        deploy(Deployment(parameters={name: "1"}), print, session, build)
    assert s3.calls == []


def test_a_webhook_that_would_always_fail() -> None:
    """HTTP without WebhookPrivate is refused before anything is deployed."""
    declared = read_template(TEMPLATE.read_text())["Parameters"]
    url = "http://127.0.0.1:8000/"
    with pytest.raises(StackError, match=r"begin with https://, unless WebhookPrivate=on"):
        check_parameters({"WebhookUrl": url}, declared)
    check_parameters({"WebhookUrl": url, "WebhookPrivate": "on"}, declared)
    check_parameters({"WebhookUrl": "https://shop.example/"}, declared)


def test_production_refuses_public_uploads(session: Any, s3: S3, cloudformation: Stubber) -> None:
    """It accepts no upload of unlimited size; other environments do."""
    public = {"PublicUpload": "on"}
    is_deployed(cloudformation, None)
    is_deployed(cloudformation, None)
    with pytest.raises(StackError, match=r"PublicUpload=on .* prod and production refuse it"):
        deploy(Deployment.to_environment("darkroom", "prod", None, public), print, session, build)
    assert s3.calls == []
    is_deployed(cloudformation, None)
    is_deployed(cloudformation, None)
    test = Deployment.to_environment("darkroom", "test", None, public)
    parameters, _ = compare(test, print, session, build)
    assert Difference("PublicUpload", None, "on") in parameters


def test_another_authorization_deploys_the_api_again() -> None:
    """A stage serves the methods of its deployment: a new ``ApiAuth`` needs a new one."""
    names = {
        auth: set(re.findall(r"ApiDeployment\w+", build_template(auth).path.read_text()))
        for auth in ("none", "iam", "api-key")
    }
    assert [len(each) for each in names.values()] == [1, 1, 1]
    assert len(set.union(*names.values())) == 3


def test_the_defaults_fit_a_new_account() -> None:
    """By default no concurrency is reserved, which AWS refuses an account with ten concurrent
    executions, and the queue uses fewer than ten.
    """
    template = read_template(TEMPLATE.read_text())
    default = {name: each.get("Default") for name, each in template["Parameters"].items()}
    assert default["ApiReservedConcurrency"] == "0"
    assert 2 <= int(default["MaximumConcurrency"]) < 10


def test_reserved_concurrency() -> None:
    """Parameters reserve concurrency for the API's and the variants' functions only; the emulator's
    deployment sets them.
    """
    resources = read_template(TEMPLATE.read_text())["Resources"]
    reserved = {
        name: each["Properties"]["ReservedConcurrentExecutions"]
        for name, each in resources.items()
        if "ReservedConcurrentExecutions" in each["Properties"]
    }
    # The arguments of Fn::If and Ref.
    conditional = {
        f"{name}Function": [
            f"Has{name}ReservedConcurrency",
            f"{name}ReservedConcurrency",
            "AWS::NoValue",
        ]
        for name in ("Api", "Variant")
    }
    assert reserved == conditional
    emulated = Deployment.to_emulator("http://localhost:4566").parameters
    assert emulated["ApiReservedConcurrency"] == "6"
    assert emulated["VariantReservedConcurrency"] == "4"


def test_production_is_protected(session: Any, s3: S3, cloudformation: Stubber) -> None:
    """The artifacts are uploaded first; the stack policy is set before the update, and has the data
    stores; the last deployment's artifacts stay for a rollback.
    """
    bucket = {"ArtifactBucket": "darkroom-prod-artifacts-1-eu-central-1"}
    undelete = {"UndeleteDays": "30"}
    before = {
        **ARM64,
        **bucket,
        **undelete,
        "CodeKey": "code/0.zip",
        "TableName": "ImageMetadata-prod",
    }
    after = {**before, **ARM64, **bucket}

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
    is_deployed(cloudformation, before)
    cloudformation.add_response("validate_template", {})
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
    s3.store(bucket["ArtifactBucket"], "code/old.zip", "code/0.zip", "code/1.zip")
    deployment = Deployment.to_environment("darkroom", "prod", None, {})
    outputs = deploy(deployment, lambda _: None, session, build, no_sleep)
    assert outputs["SiteBucket"] == "SiteBucket"
    assert s3.kinds() == KINDS
    assert s3.named("delete_object") == ["code/old.zip"]


class Protects:
    """Equals a stack policy that denies replacing and deleting the data stores."""

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


def test_a_failed_deployment_keeps_all_artifacts(
    session: Any, s3: S3, cloudformation: Stubber
) -> None:
    """No artifact is deleted after an update that was rolled back."""
    is_deployed(cloudformation, X86_64)
    is_deployed(cloudformation, X86_64)
    cloudformation.add_response("validate_template", {})
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
        deploy(Deployment(), lambda _: None, session, build, no_sleep)
    assert s3.kinds() == KINDS
    assert s3.named("delete_object") == []


STORES = {"RawBucket": "AWS::S3::Bucket", "Catalog": "AWS::DynamoDB::Table"}
"""Resources whose data a protected stack keeps."""


def has_resources(cloudformation: Stubber, kinds: dict[str, str], times: int = 1) -> None:
    """Return these resources from ``ListStackResources``; their ids are in lower case."""
    summaries = [
        {
            "LogicalResourceId": name, "PhysicalResourceId": name.removesuffix("Bucket").lower(),
            "ResourceType": kind, "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": NOW,
        }
        for name, kind in kinds.items()
    ]  # fmt: skip
    for _ in range(times):
        cloudformation.add_response("list_stack_resources", {"StackResourceSummaries": summaries})


def has_template(cloudformation: Stubber, *, protected: bool) -> None:
    """Return the template of a deployment from ``GetTemplate``."""
    text = build_template("iam", protected=protected).path.read_text()
    cloudformation.add_response("get_template", {"TemplateBody": text})


def test_destroying_a_protected_stack(session: Any, s3: S3, cloudformation: Stubber) -> None:
    """A protected stack is refused before anything is emptied or deleted."""
    is_deployed(cloudformation, X86_64, EnableTerminationProtection=True)
    is_deployed(cloudformation, X86_64, EnableTerminationProtection=True)
    has_template(cloudformation, protected=True)
    has_resources(cloudformation, STORES)
    with pytest.raises(StackError, match="termination protection"):
        destroy("darkroom-prod", print, session)
    assert s3.calls == []


def test_the_data_of_a_protected_stack_stays(
    session: Any, cloudformation: Stubber, said: list[str]
) -> None:
    """Its buckets are not emptied; the output has the commands that delete its data."""
    for _ in range(3):
        is_deployed(cloudformation, X86_64)
    has_template(cloudformation, protected=True)
    has_resources(cloudformation, STORES, times=2)
    for _ in range(2):
        is_deployed(cloudformation, X86_64)
    happens(cloudformation)
    cloudformation.add_response("delete_stack", {}, {"StackName": "darkroom"})
    happens(cloudformation, event(1, "DELETE_COMPLETE"))
    is_deployed(cloudformation, X86_64, "DELETE_COMPLETE")
    happens(cloudformation, event(1, "DELETE_COMPLETE"))
    destroy("darkroom", said.append, session, no_sleep)
    assert "Deleted 1 objects from raw" not in said
    assert "Kept raw, catalog" in said[-4]
    assert said[-3:] == [
        "  .venv/bin/python -m localstack_init.artifacts raw",
        "  aws dynamodb update-table --no-deletion-protection-enabled --table-name catalog",
        "  aws dynamodb delete-table --table-name catalog",
    ]


def test_the_template_of_production() -> None:
    """The data stores outlive the stack, unless its creation fails, and the table is protected from
    deletion; other stacks leave nothing, and both keep replaced stores and restore the table.
    """
    for protected, policy in ((True, "RetainExceptOnCreate"), (False, "Delete")):
        text = build_template("iam", protected=protected).path.read_text()
        resources = json.loads(text)["Resources"]
        for name in ("RawBucket", "ProcessedBucket", "Catalog"):
            assert resources[name]["DeletionPolicy"] == policy
            assert resources[name]["UpdateReplacePolicy"] == "Retain"
        table = resources["Catalog"]["Properties"]
        assert table.get("DeletionProtectionEnabled", False) is protected
        recovery = table["PointInTimeRecoverySpecification"]
        assert recovery == {"PointInTimeRecoveryEnabled": True}


def test_destroying_waits_for_a_deployment(
    session: Any, s3: S3, cloudformation: Stubber, said: list[str]
) -> None:
    """The buckets are emptied after another deployment's end."""
    is_deployed(cloudformation, X86_64)
    is_deployed(cloudformation, X86_64, "UPDATE_IN_PROGRESS")
    is_deployed(cloudformation, X86_64)
    is_deployed(cloudformation, X86_64)
    has_template(cloudformation, protected=False)
    has_resources(cloudformation, {"RawBucket": "AWS::S3::Bucket"}, times=2)
    for _ in range(2):
        is_deployed(cloudformation, X86_64)
    happens(cloudformation)
    cloudformation.add_response("delete_stack", {}, {"StackName": "darkroom"})
    happens(cloudformation, event(1, "DELETE_COMPLETE"))
    is_deployed(cloudformation, X86_64, "DELETE_COMPLETE")
    happens(cloudformation, event(1, "DELETE_COMPLETE"))
    destroy("darkroom", said.append, session, no_sleep)
    assert "waiting" in said[0]
    assert "Deleted 1 objects from raw" in said
    assert s3.named("delete_bucket") == [ARTIFACTS["ArtifactBucket"]]
