"""The deployer's policies: the permissions that a deployment needs, and no more."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load

from localstack_init import account
from localstack_init.definitions import TEMPLATE
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
"""IAM's actions from cfn-lint's data: by service, then by name in lower case."""

CHARACTERS = 6144
"""IAM's limit for a managed policy, without whitespace.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


BOUNDARY = "Boundary"
"""The policy that is the permissions boundary of the stacks' roles, not the deployer's own."""


def policies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the statements of deployer.yaml's policies, all conditions true, by policy name."""
    for name, resource in load(str(SOURCE / "deployer.yaml"))["Resources"].items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                yield name, statement["Fn::If"][1] if "Fn::If" in statement else statement


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the statements of the deployer's own policies, by policy name."""
    yield from ((name, each) for name, each in policies() if name != BOUNDARY)


def listed(value: Any) -> list[Any]:
    """Return a policy's element as a list."""
    return value if isinstance(value, list) else [value]


def allowed() -> set[str]:
    """Return every action that a statement of the deployer allows."""
    return {
        action
        for _, statement in statements()
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }


@pytest.mark.parametrize("kind", types())
def test_every_resource_type_is_allowed(kind: str) -> None:
    """The permissions of a resource type's handlers are allowed, with listed exceptions."""
    assert needed(kind) - allowed() == set()


@pytest.mark.parametrize("kind", ["AWS::KMS::Key", "AWS::Logs::LogStream", "AWS::Events::Archive"])
def test_a_new_type_is_noticed(kind: str) -> None:
    """The exceptions do not cover a resource type that the template does not have yet."""
    assert needed(kind) - allowed()


def test_every_call_of_the_script_is_allowed() -> None:
    """The policy allows each AWS call in the source of localstack_init."""
    found = calls()
    assert {"create_change_set", "upload_file", "delete_objects", "put_object"} <= set(found)
    missing = {name: each - allowed() for name, each in found.items() if each - allowed()}
    assert missing == {}


def test_nothing_is_allowed_without_need() -> None:
    """Each allowed action is needed by a handler or a call, or is listed with a reason."""
    of_types = {action for kind in types() for action in asked_for(kind)}
    of_calls = {action for each in calls().values() for action in each}
    assert allowed() - of_types - of_calls - set(NEEDED_BESIDES) == set()


def test_every_exception_is_used() -> None:
    """Each exception matches a permission that a resource type of the template asks for."""
    asked = {action for kind in types() for action in asked_for(kind)}
    idle = [each for each in NOT_NEEDED if not any(fnmatchcase(action, each) for action in asked)]
    assert idle == []


def test_actions_are_known() -> None:
    """Each action in the policies is one of IAM's."""
    unknown = [
        action
        for action in allowed()
        if action.partition(":")[2].lower() not in ACTIONS[action.partition(":")[0]]["Actions"]
    ]
    assert unknown == []


def test_resources_are_narrow_where_possible() -> None:
    """A statement for all resources has actions without resources only, or a condition."""
    for _, statement in statements():
        if statement["Resource"] == "*" and "Condition" not in statement:
            for action in listed(statement["Action"]):
                service, _, name = action.partition(":")
                assert "Resources" not in ACTIONS[service]["Actions"][name.lower()], action


def test_actions_without_resources_are_for_all() -> None:
    """An action without resources is in a statement for all: elsewhere it has no effect."""
    for _, statement in statements():
        if statement["Resource"] != "*" and statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                service, _, name = action.partition(":")
                assert "Resources" in ACTIONS[service]["Actions"][name.lower()], action


def test_roles_are_passed_to_our_services_only() -> None:
    """A role can be passed to the services that the template's roles trust, and to no other."""
    passing = [each for _, each in statements() if "iam:PassRole" in listed(each["Action"])]
    passed = {
        service
        for each in passing
        for service in listed(each["Condition"]["StringEquals"]["iam:PassedToService"])
    }
    trusted = {
        each["Principal"]["Service"]
        for role in roles()
        for each in role["AssumeRolePolicyDocument"]["Statement"]
    }
    assert passed == trusted


def test_roles_need_the_boundary() -> None:
    """Creating a role and changing its permissions is allowed only with the boundary on it."""
    granting = {
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary",
    }
    found = [each for _, each in statements() if granting & set(listed(each["Action"]))]
    assert granting <= {action for each in found for action in listed(each["Action"])} <= allowed()
    for each in found:
        assert each["Condition"]["StringEquals"]["iam:PermissionsBoundary"] == {"Ref": BOUNDARY}
    assert "iam:DeleteRolePermissionsBoundary" not in allowed()


def test_every_role_of_the_stack_takes_the_boundary() -> None:
    """All roles of the template take the boundary: without it the deployer can't create them."""
    boundary = {"Fn::If": ["HasRolesBoundary", {"Ref": "RolesBoundary"}, {"Ref": "AWS::NoValue"}]}
    for role in roles():
        assert role["PermissionsBoundary"] == boundary


def test_the_boundary_allows_the_roles_permissions() -> None:
    """The boundary allows the permissions of the template's roles, and beyond them only logs."""
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
        # Statements that depend on a parameter count as well.
        for action in listed((each["Fn::If"][1] if "Fn::If" in each else each)["Action"])
    }
    assert own <= within
    assert {each for each in within - own if not each.startswith("logs:")} == set()


def roles() -> list[dict[str, Any]]:
    """Return the properties of the roles of a pipeline and of the account."""
    return [
        each["Properties"]
        for template in (TEMPLATE, account.TEMPLATE)
        for each in load(str(template))["Resources"].values()
        if each["Type"] == "AWS::IAM::Role"
    ]


def test_the_role_cannot_change_itself() -> None:
    """The role is denied changes of its own role and stack, whatever their names."""
    (denied,) = [each for _, each in statements() if each["Effect"] == "Deny"]
    assert denied["Action"] == ["iam:*", "cloudformation:*"]
    assert all("${AWS::StackName}" in each["Fn::Sub"] for each in denied["Resource"])


def test_policies_fit() -> None:
    """Each managed policy is within IAM's limit, with long values of its variables."""
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


def test_the_role_trusts_one_repository() -> None:
    """Only a workflow of the repository, in the configured environment or branch, gets the role."""
    role = load(str(SOURCE / "deployer.yaml"))["Resources"]["Role"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:${Subject}"},
        }
    }
