"""The deployer's policy: enough for all that a deployment does, and no more.

What a resource type needs is told by its handlers in CloudFormation's registry, and which actions
there are by IAM's list of them: cfn-lint ships both.
"""

import ast
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import cfnlint  # type: ignore[import-untyped]
import pytest
from botocore import xform_name
from cfnlint.api import lint_file  # type: ignore[import-untyped]
from cfnlint.decode.cfn_yaml import load  # type: ignore[import-untyped]

from localstack_init.deploy import TEMPLATE

SOURCE = TEMPLATE.parent
DATA = Path(cfnlint.__file__).parent / "data"
ACTIONS: dict[str, Any] = json.loads((DATA / "AdditionalSpecs" / "Policies.json").read_text())
"""By service, and then in lower case."""

CHARACTERS = 6144
"""That a managed policy may have, spaces aside.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

NOT_NEEDED = {
    "cloudfront:*ConnectionGroup": "distributions without tenants",
    "cloudfront:CreateDistributionWithTags": "no action: CreateDistribution and TagResource are",
    "cloudfront:GetVpcOrigin": "origins in no VPC",
    "cloudfront:UpdateDistributionWithStagingConfig": "no staging distribution",
    "dynamodb:*Item": "no replicas",
    "dynamodb:*Import*": "no table is imported",
    "dynamodb:*TableReplica": "no replicas",
    "dynamodb:*ableKinesisStreamingDestination": "no stream",
    "dynamodb:DeleteResourcePolicy": "no policy on the table",
    "dynamodb:PutResourcePolicy": "no policy on the table",
    "dynamodb:Query": "no replicas",
    "dynamodb:Scan": "no replicas",
    "dynamodb:UpdateKinesisStreamingDestination": "no stream",
    "ec2:*": "no VPC",
    "elasticfilesystem:*": "no file system",
    "firehose:*": "no log delivery",
    "iam:*PermissionsBoundary": "no boundary on a role",
    "iam:CreateServiceLinkedRole": "no replicas",
    "kinesis:*": "no stream",
    "kms:*": "no key of the stack's own",
    "lambda:*CodeSigning*": "code is not signed",
    "lambda:AssociateRuntimeAlias": "no action in IAM's list",
    "lambda:PassCapacityProvider": "no instances of one's own",
    "lambda:PublishVersion": "no versions",
    "lambda:PutFunctionScalingConfig": "no instances of one's own",
    "logs:*DataProtectionPolicy": "no data protection policy",
    "logs:*IndexPolicy": "no field indexes",
    "logs:*KmsKey": "no key of the stack's own",
    "logs:*LogStream*": "no replicas of a table",
    "logs:*ResourcePolicy": "no other service writes here",
    "logs:CreateLogDelivery": "no log delivery",
    "logs:PutBearerTokenAuthentication": "nobody writes with tokens",
    "logs:PutLogEvents": "no replicas of a table",
    "logs:PutLogGroupDeletionProtection": "logs go with the stack",
    "s3:*Abac": "access by tags is not used",
    "s3:*AccelerateConfiguration": "no acceleration",
    "s3:*Analytics*": "no storage analysis",
    "s3:*BucketMetadata*": "no metadata tables",
    "s3:*BucketMetrics*": "no request metrics",
    "s3:*IntelligentTiering*": "no archive tiers",
    "s3:*InventoryConfiguration": "no inventory",
    "s3:*MetricsConfiguration": "no request metrics",
    "s3:*ObjectLockConfiguration": "no object lock",
    "s3:*Replication*": "no replication",
    "s3:*Website": "no website endpoint",
    "s3:DeleteBucketCors": "no action: PutBucketCORS is",
    "s3:DeleteBucketEncryption": "no action: PutEncryptionConfiguration is",
    "s3:DeleteBucketLifecycle": "no action: PutLifecycleConfiguration is",
    "s3:DeleteBucketAnalyticsConfiguration": "no storage analysis",
    "s3:GetObjectMetadata": "no table is imported",
    "s3:PutBucketAcl": "owners are enforced",
    "s3:PutObjectAcl": "owners are enforced",
    "s3:REST.PUT.OBJECT": "no action in IAM's list",
    "s3files:*": "no file system",
    "s3tables:*": "no metadata tables",
    "sns:PutDataProtectionPolicy": "no data protection policy",
}
"""What handlers ask for and we do without, as no template of ours uses it, and why."""

NEEDED_BESIDES = {
    "cloudformation:TagResource": "change sets carry tags",
    "cloudformation:UntagResource": "change sets carry tags",
    "s3:AbortMultipartUpload": "upload_file sends large files in parts",
    "s3:GetObjectVersion": "CloudFormation reads artifacts by version where there are some",
}
"""What is allowed though no handler and no call asks for it by name, and why."""

S3 = {
    "CreateMultipartUpload": ["PutObject"],
    "DeleteObjects": ["DeleteObject", "DeleteObjectVersion"],
    "GetBucketLifecycleConfiguration": ["GetLifecycleConfiguration"],
    "GetBucketEncryption": ["GetEncryptionConfiguration"],
    "GetPublicAccessBlock": ["GetBucketPublicAccessBlock"],
    "HeadBucket": ["ListBucket"],
    "HeadObject": ["GetObject"],
    "ListObjectVersions": ["ListBucketVersions"],
    "ListObjectsV2": ["ListBucket"],
    "PutBucketEncryption": ["PutEncryptionConfiguration"],
    "PutBucketLifecycleConfiguration": ["PutLifecycleConfiguration"],
    "PutPublicAccessBlock": ["PutBucketPublicAccessBlock"],
}
"""Operations whose actions have other names.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

FREE = {"sts:GetCallerIdentity": "takes no permission"}

EMULATOR_ALONE = {
    "get_function_configuration": "code is brought up to date without CloudFormation",
    "update_function_code": "the same",
    "function_updated_v2": "the same",
}
"""Calls that are made where stacks cannot be updated, and never on AWS."""


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement of the deployer's policies, with the policy's name; with all options on."""
    for name, resource in load(str(SOURCE / "deployer.yaml"))["Resources"].items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                yield name, statement["Fn::If"][1] if "Fn::If" in statement else statement


def listed(value: Any) -> list[Any]:
    """A policy's element, which may be one or a list."""
    return value if isinstance(value, list) else [value]


def allowed() -> set[str]:
    """Every action that some statement allows."""
    return {
        action
        for _, statement in statements()
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }


@cache
def handlers_of(kind: str) -> frozenset[str]:
    """What CloudFormation does in the caller's name with a resource of a type."""
    provider = json.loads((DATA / "schemas" / "providers" / "us-east-1.json").read_text())
    path = (DATA / "schemas" / "resources" / provider[kind]).with_suffix(".json")
    handlers = json.loads(path.read_text())["handlers"]
    return frozenset(
        action
        for name, handler in handlers.items()
        if name != "list"
        for action in handler["permissions"]
    )


def types() -> list[str]:
    """The resource types in the template."""
    return sorted({each["Type"] for each in load(str(TEMPLATE))["Resources"].values()})


def needed(kind: str) -> set[str]:
    """What a resource type needs, as we use it."""
    return {
        action
        for action in handlers_of(kind)
        if not any(fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
    }


def calls() -> dict[str, set[str]]:
    """The actions behind each call to AWS in the deploy script's source, by the call's name.

    Which client a method belongs to is not known: every service that the script uses and that has
    such an operation counts.
    """
    trees = [ast.parse(path.read_text()) for path in SOURCE.glob("*.py")]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {
        (node.func.attr, _word(node)) for node in found if isinstance(node.func, ast.Attribute)
    }
    services = {word for attribute, word in names if attribute == "client" and word}
    actions: dict[str, set[str]] = {}
    for service in services:
        client = boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]
        methods = {xform_name(each): each for each in client.meta.service_model.operation_names}
        methods |= {"upload_file": "PutObject"} if service == "s3" else {}
        for attribute, word in names:
            if attribute == "get_waiter" and word in client.waiter_names:
                operation = client.get_waiter(word).config.operation
            else:
                operation = methods.get(word if attribute == "get_paginator" else attribute, "")
            name = word if attribute in ("get_waiter", "get_paginator") else attribute
            if operation and name not in EMULATOR_ALONE:
                actions.setdefault(name, set()).update(_actions(service, operation))
    return actions


def _word(node: ast.Call) -> str:
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _actions(service: str, operation: str) -> set[str]:
    names = S3.get(operation, [operation]) if service == "s3" else [operation]
    return {f"{service}:{name}" for name in names} - set(FREE)


@pytest.mark.parametrize("kind", types())
def test_every_resource_can_be_made_changed_and_removed(kind: str) -> None:
    """What the handlers of a resource type ask for is allowed, unless it is left out on purpose."""
    assert needed(kind) - allowed() == set()


def test_every_call_of_the_script_is_allowed() -> None:
    """Whatever localstack_init asks AWS for itself, the policy allows."""
    found = calls()
    assert {"create_change_set", "upload_file", "delete_objects", "put_object"} <= set(found)
    missing = {name: each - allowed() for name, each in found.items() if each - allowed()}
    assert missing == {}


def test_nothing_is_allowed_without_need() -> None:
    """Every allowed action is one that a handler or a call asks for, or has its reason."""
    of_types = {action for kind in types() for action in handlers_of(kind)}
    of_calls = {action for each in calls().values() for action in each}
    assert allowed() - of_types - of_calls - set(NEEDED_BESIDES) == set()


def test_every_exception_is_one() -> None:
    """What is left out on purpose is something that a resource type of the template asks for."""
    asked = {action for kind in types() for action in handlers_of(kind)}
    idle = [each for each in NOT_NEEDED if not any(fnmatchcase(action, each) for action in asked)]
    assert idle == []


def test_actions_are_known() -> None:
    """Every action that the policies name is in IAM's list."""
    unknown = [
        action
        for action in allowed()
        if action.partition(":")[2].lower() not in ACTIONS[action.partition(":")[0]]["Actions"]
    ]
    assert unknown == []


def test_resources_are_named_where_they_can_be() -> None:
    """A statement about everything holds what cannot be narrowed down, or has a condition."""
    for _, statement in statements():
        if statement["Resource"] == "*" and "Condition" not in statement:
            for action in listed(statement["Action"]):
                service, _, name = action.partition(":")
                assert "Resources" not in ACTIONS[service]["Actions"][name.lower()], action


def test_the_others_are_named() -> None:
    """An action that knows no resources stands in a statement about everything: else it is void."""
    for _, statement in statements():
        if statement["Resource"] != "*" and statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                service, _, name = action.partition(":")
                assert "Resources" in ACTIONS[service]["Actions"][name.lower()], action


def test_roles_are_handed_to_our_services_alone() -> None:
    """A role can be passed to those services that the template's roles trust, and to no other."""
    (statement,) = [each for _, each in statements() if "iam:PassRole" in listed(each["Action"])]
    resources = load(str(TEMPLATE))["Resources"].values()
    trusted = {
        each["Principal"]["Service"]
        for role in resources
        if role["Type"] == "AWS::IAM::Role"
        for each in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    }
    assert set(statement["Condition"]["StringEquals"]["iam:PassedToService"]) == trusted


def test_the_role_cannot_raise_itself() -> None:
    """Of all roles and stacks, its own are denied to it, whatever they are called."""
    (denied,) = [each for _, each in statements() if each["Effect"] == "Deny"]
    assert denied["Action"] == ["iam:*", "cloudformation:*"]
    assert all("${AWS::StackName}" in each["Fn::Sub"] for each in denied["Resource"])


def test_the_template_is_valid() -> None:
    """The linter has nothing to say about the deployer's template."""
    assert lint_file(SOURCE / "deployer.yaml") == []


def test_policies_fit() -> None:
    """A managed policy is within IAM's limit, with long names for what it is filled in with."""
    sizes: dict[str, int] = {}
    values = {
        "${AWS::Partition}": "aws-us-gov",
        "${AWS::Region}": "ap-southeast-2",
        "${AWS::AccountId}": "111122223333",
        "${AWS::StackName}": "github-deploys-darkroom",
        "${StackPrefix}": "darkroom-of-somebody",
        "${TablePrefix}": "ImageMetadata",
    }
    for name, statement in statements():
        text = json.dumps(statement, separators=(",", ":"), default=dict)
        for variable, value in values.items():
            text = text.replace(variable, value)
        sizes[name] = sizes.get(name, 60) + len(text.replace('{"Fn::Sub":', "").replace(" ", ""))
    assert max(sizes.values()) <= CHARACTERS, sizes


def test_the_role_is_one_repositorys() -> None:
    """Who takes the role on has to be the repository's workflow, at the place that was named."""
    role = load(str(SOURCE / "deployer.yaml"))["Resources"]["Role"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:${Subject}"},
        }
    }
