"""Deploy the pipeline to wherever boto3's session leads: AWS, or what AWS_ENDPOINT_URL names."""

import base64
import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from localstack_init.artifacts import ArtifactBucket, empty_bucket
from localstack_init.build import (
    Artifact,
    Target,
    build_code,
    build_dashboard,
    build_definition,
    build_layer,
    build_workflow,
)
from localstack_init.change_set import (
    Change,
    Difference,
    planned,
)
from localstack_init.parameters import check_parameters
from localstack_init.site import deploy_site
from localstack_init.stack import Say, Stack
from localstack_init.template import read_template

TEMPLATE = Path(__file__).parent / "template.yaml"

PRODUCTION = ("prod", "production")
"""Environments whose stacks are protected."""

HOLD_DATA = ("RawBucket", "ProcessedBucket", "Catalog")

COMMENT = re.compile(r"^\s*(#.*)?\n| +# .*(?=\n)", re.MULTILINE)
"""What says nothing to CloudFormation: comments, and empty lines. No text has ' # ' in it."""

MOST_BYTES = 51_200
"""Of a template that is sent as it is.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

FUNCTIONS = ("ProcessFunction", "WorkflowFunction", "ApiFunction")
"""Outputs that name what runs the code."""

RETRIES = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
"""Following a deployment asks often; CloudFormation throttles all who ask in one account."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What to deploy, and how."""

    stack: str = "darkroom"
    target: Target | None = None
    """Processor to build the layer for; without it the last deployment's, or x86_64."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values for the template's parameters; the others stay as they were deployed last, or have
    their defaults."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Values for parameters that were never deployed, in place of the template's own."""
    protected: bool = False
    """Whether the stack, and what holds data in it, is kept from being deleted or replaced."""
    replace: bool = False
    """Delete and create the stack anew where its template or parameters changed, instead of
    updating it. For clouds that cannot update: all that the stack holds is lost."""

    @classmethod
    def to_emulator(cls, endpoint: str, stack: str = "darkroom") -> "Deployment":
        """For an emulator on this machine, which is born empty and cannot update stacks.

        ``endpoint`` is its URL. Only who is on this machine can reach it, so that nobody has to
        show credentials.
        """
        port = urlsplit(endpoint).port
        parameters = {
            "Analyze": "all",
            "ApiAuth": "none",
            # As many as a browser asks for at once; three stacks find room in the emulator.
            "ApiReservedConcurrency": "6",
            "MaximumConcurrency": "0",
            "Originals": "on",
            "SiteUrlPrefix": f"http://localhost:{port}/_aws/cloudfront/",
            # Browsers resolve names below localhost by themselves; other clients need not.
            "BrowserS3Endpoint": f"http://s3.localhost:{port}",
        }
        return cls(stack=stack, target="host", parameters=parameters, replace=True)

    @classmethod
    def to_environment(
        cls, stack: str, environment: str, target: Target | None, parameters: Mapping[str, str]
    ) -> "Deployment":
        """For one of several stacks in an account: its name, and its catalog's, say which."""
        if not environment:
            return cls(stack, target, parameters)
        return cls(
            stack=stack_name(stack, environment),
            target=target,
            parameters=parameters,
            defaults={"TableName": f"ImageMetadata-{environment}"},
            protected=environment in PRODUCTION,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A deployment with all that it needs at hand."""

    deployment: Deployment
    stack: Stack
    bucket: ArtifactBucket
    template: str
    parameters: dict[str, str]
    before: dict[str, str]
    """The parameters of the deployment before."""
    artifacts: tuple[Artifact, ...]


def stack_name(stack: str, environment: str) -> str:
    """The name of an environment's stack."""
    return f"{stack}-{environment}" if environment else stack


def deploy(deployment: Deployment, say: Say) -> dict[str, str]:
    """Bring the stack to the state of this checkout; answers its outputs.

    Raises ``BuildError`` and ``StackError``.
    """
    stack = _stack(deployment.stack, say)
    # What another deployment has begun is what this one comes after.
    stack.settle()
    plan = _plan(deployment, stack)
    plan.bucket.ensure()
    for artifact in plan.artifacts:
        plan.bucket.upload(artifact, say)
    if deployment.replace and _is_complete(stack):
        if _differs_in_code_alone(plan):
            _update_code(plan, say)
            return _with_site(stack.outputs(), say)
        say("The template or its parameters changed: replacing the stack and all that it holds")
        _empty_buckets(stack, say)
        stack.delete()
    # Before an update, which the policy is to be held against, and after a creation.
    _protect(plan)
    if not stack.apply(plan.template, plan.parameters):
        say("Nothing has changed")
    _protect(plan)
    # A rollback takes what the deployment before had.
    plan.bucket.prune({*plan.before.values(), *(each.key for each in plan.artifacts)})
    return _with_site(stack.outputs(), say)


def compare(deployment: Deployment, say: Say) -> tuple[list[Difference], list[Change]]:
    """What ``deploy`` would change: parameters and resources. Executes nothing.

    Raises ``BuildError`` and ``StackError``.
    """
    stack = _stack(deployment.stack, say)
    plan = _plan(deployment, stack)
    parameters = [
        Difference(name, plan.before.get(name), value)
        for name, value in plan.parameters.items()
        if plan.before.get(name) != value
    ]
    if not stack.is_deployed():
        return parameters, planned(plan.template)
    # What the template includes is taken from there; the next deployment keeps or drops it.
    for artifact in plan.artifacts:
        if artifact.path.suffix == ".json":
            plan.bucket.upload(artifact, say)
    return parameters, stack.compare(plan.template, plan.parameters)


def destroy(name: str, say: Say) -> None:
    """Empty and remove the stack and its artifacts. Raises ``StackError``."""
    stack = _stack(name, say)
    stack.check_deletable()
    stack.settle()
    _empty_buckets(stack, say)
    stack.delete()
    ArtifactBucket.of(name).delete()


def _stack(name: str, say: Say) -> Stack:
    return Stack(boto3.client("cloudformation", config=RETRIES), name, say)


def _plan(deployment: Deployment, stack: Stack) -> Plan:
    bucket = ArtifactBucket.of(deployment.stack)
    definition, panels, workflow = build_definition(), build_dashboard(), build_workflow()
    template = template_text(bucket.name, definition, panels, workflow)
    stack.validate(template)
    names = read_template(template)["Parameters"]
    check_parameters(deployment.parameters, names)
    before = stack.parameters()
    target = deployment.target or _target(before)
    code, layer = build_code(), build_layer(target)
    parameters = {
        **deployment.defaults,
        **{name: value for name, value in before.items() if name in names},
        **deployment.parameters,
        "ArtifactBucket": bucket.name,
        "CodeKey": code.key,
        "LayerKey": layer.key,
        "Architecture": _architecture(target),
    }
    artifacts = (code, layer, definition, panels, workflow)
    return Plan(deployment, stack, bucket, template, parameters, before, artifacts)


def _empty_buckets(stack: Stack, say: Say) -> None:
    """CloudFormation deletes empty buckets alone."""
    s3 = boto3.client("s3")
    for bucket in stack.resources("AWS::S3::Bucket"):
        if count := empty_bucket(s3, bucket):
            say(f"Deleted {count} objects from {bucket}")


def _target(before: Mapping[str, str]) -> Target:
    return "arm64" if before.get("Architecture") == "arm64" else "x86_64"


def _protect(plan: Plan) -> None:
    """Keep the stack from being deleted, and what holds data from being replaced."""
    if not plan.deployment.protected or not plan.stack.is_deployed():
        return
    protected = {
        "Effect": "Deny",
        "Action": ["Update:Replace", "Update:Delete"],
        "Principal": "*",
        "Resource": [f"LogicalResourceId/{name}" for name in HOLD_DATA],
    }
    others = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    plan.stack.protect(json.dumps({"Statement": [protected, others]}))


def _architecture(target: Target) -> str:
    if target != "host":
        return target
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _is_complete(stack: Stack) -> bool:
    known = stack.describe()
    return known is not None and known["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def template_text(bucket: str, definition: Artifact, panels: Artifact, workflow: Artifact) -> str:
    """The template with what it includes, and an API deployment whose name changes with the API.

    Without its comments: CloudFormation takes ``MOST_BYTES``.
    """
    digest = definition.path.stem.rpartition("-")[2]
    return (
        COMMENT.sub("", TEMPLATE.read_text())
        .replace("s3://ArtifactBucket/ApiDefinitionKey", f"s3://{bucket}/{definition.key}")
        .replace("s3://ArtifactBucket/DashboardKey", f"s3://{bucket}/{panels.key}")
        .replace("WorkflowDefinitionKey", workflow.key)
        .replace("ApiDeployment", f"ApiDeployment{digest[:8]}")
    )


def _with_site(outputs: dict[str, str], say: Say) -> dict[str, str]:
    deploy_site(outputs["SiteBucket"], outputs["Distribution"], say)
    return outputs


def _differs_in_code_alone(plan: Plan) -> bool:
    """Whether the stack is as wanted but for the code that its functions run."""
    return plan.stack.template() == plan.template and all(
        plan.before.get(name) == value
        for name, value in plan.parameters.items()
        if name != "CodeKey"
    )


def _update_code(plan: Plan, say: Say) -> None:
    """Give the functions the code at hand, where they run another."""
    client = boto3.client("lambda")
    outputs = plan.stack.outputs()
    code = plan.artifacts[0]
    wanted = base64.b64encode(hashlib.sha256(code.path.read_bytes()).digest()).decode()
    functions = [
        function
        for function in (outputs[name] for name in FUNCTIONS)
        if client.get_function_configuration(FunctionName=function)["CodeSha256"] != wanted
    ]
    for function in functions:
        client.update_function_code(
            FunctionName=function, S3Bucket=plan.bucket.name, S3Key=code.key
        )
    for function in functions:
        waiter = client.get_waiter("function_updated_v2")
        waiter.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        say(f"Updated the code of {function}")
    if not functions:
        say("Nothing has changed")
