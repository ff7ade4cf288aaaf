"""Each permission of the stack's roles and resource policies is removed alone, and a flow fails."""

import pytest
from botocore.exceptions import ClientError

from localstack_init.permissions import INVOKE, TRUST, Permission, permissions

from .flows import DELETING, FLOWS, PUBLIC
from .removal import Policies, keys_of
from .sample import sampled
from .stage import FlowFailedError, Stage

PERMISSIONS = {each.name: each for each in permissions()}
PROVEN = [name for name, each in PERMISSIONS.items() if each.flow and each.flow not in PUBLIC]
TRIES = 3
"""On a loaded machine, a flow may fail before the request that is to be denied."""

WITH_SIDS = [each for each in PERMISSIONS.values() if each.statement not in {TRUST, INVOKE}]


@pytest.mark.parametrize("holder", sorted({each.holder for each in WITH_SIDS}))
def test_the_permissions_are_those_of_the_deployed_policies(
    policies: Policies, holder: str
) -> None:
    """The stack has all statements of its parameters, with their actions and resources."""
    own = [
        each
        for each in WITH_SIDS
        if each.holder == holder and each.flow not in PUBLIC and each.flow not in DELETING
    ]
    deployed = keys_of(policies.find(own[0]).read())
    assert deployed == {(each.statement, each.action, each.number) for each in own}


def test_each_permission_is_proven_or_listed_with_its_reason() -> None:
    """Each has either a flow in permissions.toml, which exists, or a reason."""
    lacking = [name for name, each in PERMISSIONS.items() if bool(each.flow) == bool(each.unproven)]
    assert lacking == []
    assert {each.flow for each in PERMISSIONS.values() if each.flow} <= set(FLOWS)


@pytest.mark.parametrize("name", sampled(PROVEN), ids=str)
def test_a_flow_fails_without_a_permission(request: pytest.FixtureRequest, name: str) -> None:
    """The flow of permissions.toml fails, and the emulator has denied the action."""
    permission = PERMISSIONS[name]
    is_deleting = permission.flow in DELETING
    stage: Stage = request.getfixturevalue("deleting" if is_deleting else "stage")
    policies = Policies.of(stage.stack)
    resource = policies.resources.get(permission.resource, "").rpartition("/")[2]
    role = "" if permission.principal else policies.resources[permission.holder]
    watched = resource if permission.principal else ""
    with stage.watching(permission.action, role, watched), policies.without(permission):
        for _ in range(TRIES):
            failure = failure_of(stage, permission)
            if (denied := stage.denied()) or not failure or not is_traced(permission):
                break
    if failure:
        stage.clear()
    assert failure, (
        f"The flow {permission.flow!r} does not need {name}. Give the permission a flow that does "
        "in localstack_init/permissions.toml, or remove it from the template."
    )
    if is_traced(permission):
        assert denied, f"The flow {permission.flow!r} failed without a denial: {failure}"


def failure_of(stage: Stage, permission: Permission) -> str:
    """Return why the flow of a permission fails; empty if it does not."""
    try:
        FLOWS[permission.flow](stage)
    except (FlowFailedError, ClientError) as error:
        return str(error)
    return ""


def is_traced(permission: Permission) -> bool:
    """Return whether its absence is a denial in the emulator's trace.

    CloudFront's reads are judged by the emulator's CloudFront, which has no trace. Without an
    explicit Deny, requests are allowed.
    """
    return permission.principal != "cloudfront.amazonaws.com" and not permission.is_denied
