"""The deployer's policy: enough for all that a deployment does, and no more."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode.cfn_yaml import load

from localstack_init.deploy import TEMPLATE
from tests.unit.localstack_init.permissions import (
    DATA,
    NEEDED_BESIDES,
    NOT_NEEDED,
    SOURCE,
    asked_for,
    calls,
    needed,
    types,
)

ACTIONS: dict[str, Any] = json.loads((DATA / "AdditionalSpecs" / "Policies.json").read_text())
"""IAM's list of actions, which cfn-lint ships: by service, and then in lower case."""

CHARACTERS = 6144
"""That a managed policy may have, spaces aside.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


BOUNDARY = "Boundary"
"""The policy that is not the deployer's own, but bounds the roles that it makes."""


def policies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement of deployer.yaml's policies, with the policy's name; with all options on."""
    for name, resource in load(str(SOURCE / "deployer.yaml"))["Resources"].items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                yield name, statement["Fn::If"][1] if "Fn::If" in statement else statement


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """The same of the policies that the deployer has."""
    yield from ((name, each) for name, each in policies() if name != BOUNDARY)


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


@pytest.mark.parametrize("kind", types())
def test_every_resource_can_be_made_changed_and_removed(kind: str) -> None:
    """What the handlers of a resource type ask for is allowed, unless it is left out on purpose."""
    assert needed(kind) - allowed() == set()


@pytest.mark.parametrize("kind", ["AWS::KMS::Key", "AWS::Logs::LogStream", "AWS::Events::Rule"])
def test_a_new_type_is_noticed(kind: str) -> None:
    """A type that the template does not have yet is not taken for an exception."""
    assert needed(kind) - allowed()


def test_every_call_of_the_script_is_allowed() -> None:
    """Whatever localstack_init asks AWS for itself, the policy allows."""
    found = calls()
    assert {"create_change_set", "upload_file", "delete_objects", "put_object"} <= set(found)
    missing = {name: each - allowed() for name, each in found.items() if each - allowed()}
    assert missing == {}


def test_nothing_is_allowed_without_need() -> None:
    """Every allowed action is one that a handler or a call asks for, or has its reason."""
    of_types = {action for kind in types() for action in asked_for(kind)}
    of_calls = {action for each in calls().values() for action in each}
    assert allowed() - of_types - of_calls - set(NEEDED_BESIDES) == set()


def test_every_exception_is_one() -> None:
    """What is left out on purpose is something that a resource type of the template asks for."""
    asked = {action for kind in types() for action in asked_for(kind)}
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
    trusted = {
        each["Principal"]["Service"]
        for role in roles()
        for each in role["AssumeRolePolicyDocument"]["Statement"]
    }
    assert set(statement["Condition"]["StringEquals"]["iam:PassedToService"]) == trusted


def test_roles_are_made_within_the_boundary_alone() -> None:
    """A role can be made, given rights, and changed in them, only with the boundary on it."""
    raising = {
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary",
    }
    found = [each for _, each in statements() if raising & set(listed(each["Action"]))]
    assert raising <= {action for each in found for action in listed(each["Action"])} <= allowed()
    for each in found:
        assert each["Condition"]["StringEquals"]["iam:PermissionsBoundary"] == {"Ref": BOUNDARY}
    assert "iam:DeleteRolePermissionsBoundary" not in allowed()


def test_every_role_of_the_stack_can_have_the_boundary() -> None:
    """All roles of the template take the boundary, or the deployer could not make them."""
    boundary = {"Fn::If": ["HasRolesBoundary", {"Ref": "RolesBoundary"}, {"Ref": "AWS::NoValue"}]}
    for role in roles():
        assert role["PermissionsBoundary"] == boundary


def test_the_boundary_leaves_the_roles_their_rights() -> None:
    """What the template's roles are allowed, the boundary allows, and nothing beyond but logs."""
    within = {
        action
        for name, each in policies()
        if name == BOUNDARY and each["Effect"] == "Allow"
        for action in listed(each["Action"])
    }
    own = {
        action
        for role in roles()
        for policy in role.get("Policies", [])
        for each in policy["PolicyDocument"]["Statement"]
        # What depends on a parameter may be there.
        for action in listed((each["Fn::If"][1] if "Fn::If" in each else each)["Action"])
    }
    assert own <= within
    assert {each for each in within - own if not each.startswith("logs:")} == set()


def roles() -> list[dict[str, Any]]:
    """The properties of the template's roles."""
    resources = load(str(TEMPLATE))["Resources"].values()
    return [each["Properties"] for each in resources if each["Type"] == "AWS::IAM::Role"]


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
    for name, statement in policies():
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
