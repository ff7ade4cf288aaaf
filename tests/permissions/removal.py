"""Removal of one permission from a deployed policy, which is restored afterwards."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import boto3

from localstack_init.permissions import INVOKE, TRUST, Permission, listed

Document = dict[str, Any]


class Policy(Protocol):
    """A deployed policy."""

    def read(self) -> Document:
        """Return the policy's document."""

    def write(self, document: Document) -> None:
        """Replace the document."""


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """The only inline policy of a role."""

    role: str

    def read(self) -> Document:
        """Return the document as IAM has it."""
        iam = boto3.client("iam")
        found = iam.get_role_policy(RoleName=self.role, PolicyName=self._name())
        return dict(found["PolicyDocument"])

    def write(self, document: Document) -> None:
        """Replace the document."""
        boto3.client("iam").put_role_policy(
            RoleName=self.role, PolicyName=self._name(), PolicyDocument=json.dumps(document)
        )

    def _name(self) -> str:
        found = boto3.client("iam").list_role_policies(RoleName=self.role)
        (name,) = found["PolicyNames"]
        return str(name)


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy."""

    arn: str

    def read(self) -> Document:
        """Return the document of the default version."""
        iam = boto3.client("iam")
        version = iam.get_policy(PolicyArn=self.arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=self.arn, VersionId=version)
        return dict(found["PolicyVersion"]["Document"])

    def write(self, document: Document) -> None:
        """Replace the default version, and delete it."""
        iam = boto3.client("iam")
        version = iam.get_policy(PolicyArn=self.arn)["Policy"]["DefaultVersionId"]
        iam.create_policy_version(
            PolicyArn=self.arn, PolicyDocument=json.dumps(document), SetAsDefault=True
        )
        iam.delete_policy_version(PolicyArn=self.arn, VersionId=version)


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """The trust policy of a role."""

    role: str

    def read(self) -> Document:
        """Return the document."""
        found = boto3.client("iam").get_role(RoleName=self.role)
        return dict(found["Role"]["AssumeRolePolicyDocument"])

    def write(self, document: Document) -> None:
        """Replace the document; without statements, by one that trusts nobody of the stack."""
        nobody = {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        document = {**document, "Statement": document["Statement"] or [nobody]}
        boto3.client("iam").update_assume_role_policy(
            RoleName=self.role, PolicyDocument=json.dumps(document)
        )


@dataclass(frozen=True, slots=True)
class BucketPolicy:
    """The policy of a bucket."""

    bucket: str

    def read(self) -> Document:
        """Return the document."""
        found = boto3.client("s3").get_bucket_policy(Bucket=self.bucket)
        return dict(json.loads(found["Policy"]))

    def write(self, document: Document) -> None:
        """Replace the document."""
        s3 = boto3.client("s3")
        if document["Statement"]:
            s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(document))
        else:
            s3.delete_bucket_policy(Bucket=self.bucket)


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """The policy of a queue."""

    url: str

    def read(self) -> Document:
        """Return the document."""
        found = boto3.client("sqs").get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["Policy"]
        )
        return dict(json.loads(found["Attributes"]["Policy"]))

    def write(self, document: Document) -> None:
        """Replace the document."""
        text = json.dumps(document) if document["Statement"] else ""
        boto3.client("sqs").set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": text})


@dataclass(frozen=True, slots=True)
class FunctionPolicy:
    """The policy of a function."""

    function: str

    def read(self) -> Document:
        """Return the document."""
        found = boto3.client("lambda").get_policy(FunctionName=self.function)
        return dict(json.loads(found["Policy"]))

    def write(self, document: Document) -> None:
        """Replace the document."""
        client = boto3.client("lambda")
        try:
            before = self.read()["Statement"]
        except client.exceptions.ResourceNotFoundException:
            before = []
        for statement in before:
            if statement not in document["Statement"]:
                client.remove_permission(FunctionName=self.function, StatementId=statement["Sid"])
        for statement in document["Statement"]:
            if statement not in before:
                client.add_permission(FunctionName=self.function, **permission_of(statement))


def permission_of(statement: Document) -> Document:
    """Return the arguments of AddPermission that make a statement."""
    condition = statement["Condition"]
    equals = condition.get("StringEquals", {})
    arguments = {
        "StatementId": statement["Sid"],
        "Action": statement["Action"],
        "Principal": statement["Principal"]["Service"],
        "SourceArn": condition["ArnLike"]["AWS:SourceArn"],
    }
    if "lambda:FunctionUrlAuthType" in equals:
        arguments["FunctionUrlAuthType"] = equals["lambda:FunctionUrlAuthType"]
    if "AWS:SourceAccount" in equals:
        arguments["SourceAccount"] = equals["AWS:SourceAccount"]
    if condition.get("Bool"):
        arguments["InvokedViaFunctionUrl"] = True
    return arguments


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a deployed stack."""

    resources: Mapping[str, str]
    """The names or URLs of the stack's resources by their names in the template."""

    @classmethod
    def of(cls, stack: str) -> "Policies":
        """Return the policies of a stack."""
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
        return cls(
            {
                each["LogicalResourceId"]: each["PhysicalResourceId"]
                for page in pages.paginate(StackName=stack)
                for each in page["StackResourceSummaries"]
            }
        )

    def find(self, permission: Permission) -> Policy:
        """Return the deployed policy that has a permission."""
        resource = (
            self.resources[permission.resource.partition("/")[0]] if permission.principal else ""
        )
        if permission.statement == TRUST:
            return TrustPolicy(resource)
        if permission.statement == INVOKE:
            return FunctionPolicy(resource)
        if permission.principal:
            return QueuePolicy(resource) if "://" in resource else BucketPolicy(resource)
        return InlinePolicy(self.resources[permission.holder])

    @contextmanager
    def without(self, permission: Permission) -> Iterator[None]:
        """Remove a permission while the context lasts."""
        policy = self.find(permission)
        document = policy.read()
        changed = without(document, permission)
        assert changed != document, f"The stack has no {permission.name}"
        policy.write(changed)
        try:
            yield
        finally:
            policy.write(document)


def keys_of(document: Document) -> set[tuple[str, str, int]]:
    """Return each Sid, action, and number of a resource in a policy."""
    return {
        (statement["Sid"], action, number)
        for statement in document["Statement"]
        for action in listed(statement["Action"])
        for number, _ in enumerate(listed(statement["Resource"]))
    }


def without(document: Document, permission: Permission) -> Document:
    """Return a policy without one action on one resource; it keeps its others.

    A trust policy loses its only statement, a function's the one with the action.
    """
    if permission.statement == TRUST:
        return {**document, "Statement": []}
    if permission.statement == INVOKE:
        others = [each for each in document["Statement"] if each["Action"] != permission.action]
        return {**document, "Statement": others}
    statements: list[Document] = []
    for statement in document["Statement"]:
        actions, resources = listed(statement["Action"]), listed(statement["Resource"])
        if statement["Sid"] != permission.statement or permission.action not in actions:
            statements.append(statement)
            continue
        others = [each for each in actions if each != permission.action]
        rest = [each for number, each in enumerate(resources) if number != permission.number]
        if others:
            statements.append({**statement, "Action": others})
        if rest:
            # Sids are unique in a policy.
            part = {"Sid": f"{statement['Sid']}2", "Action": permission.action, "Resource": rest}
            statements.append({**statement, **part})
    return {**document, "Statement": statements}
