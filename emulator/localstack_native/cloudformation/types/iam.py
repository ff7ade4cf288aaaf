"""Resource types of IAM."""

import json
from typing import Any

from localstack.services.iam.resource_providers.aws_iam_managedpolicy import (
    IAMManagedPolicyProvider,
)
from localstack.services.iam.resource_providers.aws_iam_role import IAMRoleProvider

from localstack_native.cloudformation.planning import changed_properties
from localstack_native.cloudformation.types.base import Properties, done, pairs, retag

MOST_VERSIONS = 5
"""IAM's quota of a managed policy's versions."""


class ManagedPolicy(IAMManagedPolicyProvider):
    """``AWS::IAM::ManagedPolicy``; its ARN stays."""

    def update(self, request: Any) -> Any:
        """Set a new default version, and attach and detach the policy."""
        before, model = request.previous_state, request.desired_state
        client, arn = request.aws_client_factory.iam, before["Id"]
        changed = set(changed_properties(before, model))
        if "PolicyDocument" in changed:
            versions = client.list_policy_versions(PolicyArn=arn)["Versions"]
            if len(versions) == MOST_VERSIONS:
                oldest = min(
                    (each for each in versions if not each["IsDefaultVersion"]),
                    key=lambda each: int(each["VersionId"].removeprefix("v")),
                )
                client.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
            client.create_policy_version(
                PolicyArn=arn,
                PolicyDocument=json.dumps(model["PolicyDocument"]),
                SetAsDefault=True,
            )
        for name, kind in (("Groups", "group"), ("Roles", "role"), ("Users", "user")):
            had, wanted = (set(each.get(name, [])) for each in (before, model))
            key = f"{kind.capitalize()}Name"
            for each in sorted(wanted - had):
                getattr(client, f"attach_{kind}_policy")(**{key: each, "PolicyArn": arn})
            for each in sorted(had - wanted):
                getattr(client, f"detach_{kind}_policy")(**{key: each, "PolicyArn": arn})
        return done(model)


class Role(IAMRoleProvider):
    """``AWS::IAM::Role``; its id and sessions stay."""

    def update(self, request: Any) -> Any:
        """Set what differs: trust, policies, boundary, description, session limit and tags."""
        before, model = request.previous_state, request.desired_state
        client, name = request.aws_client_factory.iam, before["RoleName"]
        changed = set(changed_properties(before, model))
        if "AssumeRolePolicyDocument" in changed:
            document = json.dumps(model["AssumeRolePolicyDocument"])
            client.update_assume_role_policy(RoleName=name, PolicyDocument=document)
        if {"Description", "MaxSessionDuration"} & changed:
            client.update_role(
                RoleName=name,
                Description=model.get("Description", ""),
                MaxSessionDuration=int(model.get("MaxSessionDuration", 3600)),
            )
        if "PermissionsBoundary" in changed:
            if boundary := model.get("PermissionsBoundary"):
                client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
            else:
                client.delete_role_permissions_boundary(RoleName=name)
        if "ManagedPolicyArns" in changed:
            had, wanted = (set(each.get("ManagedPolicyArns", [])) for each in (before, model))
            for arn in sorted(wanted - had):
                client.attach_role_policy(RoleName=name, PolicyArn=arn)
            for arn in sorted(had - wanted):
                client.detach_role_policy(RoleName=name, PolicyArn=arn)
        if "Policies" in changed:
            _put_policies(client, name, before, model)
        retag(
            before.get("Tags"),
            model.get("Tags"),
            lambda tags: client.tag_role(RoleName=name, Tags=pairs(tags)),
            lambda names: client.untag_role(RoleName=name, TagKeys=names),
        )
        return done(model)


def _put_policies(client: Any, role: str, before: Properties, after: Properties) -> None:
    had, wanted = (
        {each["PolicyName"]: each["PolicyDocument"] for each in model.get("Policies", [])}
        for model in (before, after)
    )
    for name, document in wanted.items():
        if had.get(name) != document:
            client.put_role_policy(
                RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document)
            )
    for name in sorted(had.keys() - wanted.keys()):
        client.delete_role_policy(RoleName=role, PolicyName=name)
