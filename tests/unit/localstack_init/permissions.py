"""Permissions that a deployment needs: by resource type, and by call of the deploy script.

CloudFormation's registry, in cfn-lint's data, lists the permissions of a resource type's handlers.
"""

import ast
import json
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import boto3
import cfnlint
from botocore import xform_name
from cfnlint.decode.cfn_yaml import load

from localstack_init import account
from localstack_init.definitions import TEMPLATE

SOURCE = TEMPLATE.parent
DATA = Path(cfnlint.__file__).parent / "data"

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
    "events:PutPermission": "no policy on the bus",
    "events:RemovePermission": "no policy on the bus",
    "firehose:*": "no log delivery",
    "iam:DeleteRolePermissionsBoundary": "a boundary stays",
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
    "s3:GetBucketLocation": "no key value store begins with a file",
    "s3:GetObjectMetadata": "no table is imported",
    "s3:HeadObject": "no key value store begins with a file",
    "s3:PutBucketAcl": "owners are enforced",
    "s3:PutObjectAcl": "owners are enforced",
    "s3:REST.PUT.OBJECT": "no action in IAM's list",
    "s3files:*": "no file system",
    "s3tables:*": "no metadata tables",
    "sns:PutDataProtectionPolicy": "no data protection policy",
}
"""Permissions that handlers list and our template does not need, with the reason."""

NEEDED_BESIDES = {
    "cloudformation:TagResource": "change sets carry tags",
    "cloudformation:UntagResource": "change sets carry tags",
    "s3:AbortMultipartUpload": "upload_file sends large files in parts",
    "s3:GetObjectVersion": "CloudFormation reads artifacts by version where there are some",
}
"""Permissions that no handler and no call lists by name, with the reason."""

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
"""Operations with actions of other names.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

API_GATEWAY = {"GetAccount": ["GET"]}
"""Operations of API Gateway, whose actions are HTTP methods."""

FREE = {"sts:GetCallerIdentity": "takes no permission"}

EMULATOR_ONLY = {
    "get_function_configuration": "code is updated without CloudFormation",
    "update_function_code": "the same",
    "function_updated_v2": "the same",
}
"""Calls for emulators, never made on AWS."""


@cache
def handlers_of(kind: str) -> dict[str, frozenset[str]]:
    """Return the permissions of a resource type's handlers, by handler."""
    provider = json.loads((DATA / "schemas" / "providers" / "us-east-1.json").read_text())
    path = (DATA / "schemas" / "resources" / provider[kind]).with_suffix(".json")
    handlers = json.loads(path.read_text())["handlers"]
    return {
        name: frozenset(each["permissions"]) for name, each in handlers.items() if name != "list"
    }


def asked_for(kind: str) -> set[str]:
    """Return the permissions of all handlers of a resource type."""
    return set[str]().union(*handlers_of(kind).values())


def types() -> list[str]:
    """Return the resource types in the templates of a pipeline and of the account."""
    return sorted(
        {
            each["Type"]
            for template in (TEMPLATE, account.TEMPLATE)
            for each in load(str(template))["Resources"].values()
        }
    )


def needed(kind: str) -> set[str]:
    """Return the permissions of a resource type without the exceptions."""
    left = {
        action
        for action in asked_for(kind)
        if not any(fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
    }
    # The exceptions are for the template's types. A type that cannot be created with them is new.
    return left if left & handlers_of(kind)["create"] else asked_for(kind)


def calls() -> dict[str, set[str]]:
    """Return the actions of each AWS call in the deploy script's source, by the call's name.

    The source does not show a method's client: the operations of all used services count.
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
            if operation and name not in EMULATOR_ONLY:
                actions.setdefault(name, set()).update(_actions(service, operation))
    return actions


def _word(node: ast.Call) -> str:
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _actions(service: str, operation: str) -> set[str]:
    names = {"s3": S3, "apigateway": API_GATEWAY}.get(service, {}).get(operation, [operation])
    return {f"{service}:{name}" for name in names} - set(FREE)
