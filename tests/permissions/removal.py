"""Removal of one permission from a deployed role, which gets its policy back."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from localstack_init.permissions import Permission, listed

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Role:
    """A deployed role, with its inline policies as IAM returns them."""

    name: str
    policies: dict[str, Document]

    @classmethod
    def read(cls, name: str) -> "Role":
        """Read a role's policies."""
        iam = boto3.client("iam")
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        documents: dict[str, Any] = {
            each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"]
            for each in names
        }
        return cls(name, documents)

    def permissions(self) -> set[tuple[str, str, int]]:
        """Return each Sid, action, and number of a resource."""
        return {
            (statement["Sid"], action, number)
            for document in self.policies.values()
            for statement in document["Statement"]
            for action in listed(statement["Action"])
            for number, _ in enumerate(listed(statement["Resource"]))
        }

    @contextmanager
    def without(self, permission: Permission) -> Iterator[None]:
        """Take a permission from the role while the context lasts."""
        for name, document in self.policies.items():
            changed = without(document, permission)
            if changed != document:
                self._put(name, changed)
                try:
                    yield
                finally:
                    self._put(name, document)
                return
        raise AssertionError(f"The role {self.name} has no {permission.name}")

    def _put(self, policy: str, document: Document) -> None:
        boto3.client("iam").put_role_policy(
            RoleName=self.name, PolicyName=policy, PolicyDocument=json.dumps(document)
        )


def without(document: Document, permission: Permission) -> Document:
    """Return a policy without one action on one resource; it keeps its others."""
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
    return {**copy.deepcopy(document), "Statement": statements}


def roles(stack: str) -> dict[str, Role]:
    """Return the deployed roles of a stack by their names in the template."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    return {
        each["LogicalResourceId"]: Role.read(each["PhysicalResourceId"])
        for page in pages.paginate(StackName=stack)
        for each in page["StackResourceSummaries"]
        if each["ResourceType"] == "AWS::IAM::Role"
    }
