"""Each permission of the stack's roles is taken away alone, and a flow fails."""

import pytest

from localstack_init.permissions import Permission, permissions

from .flows import FLOWS
from .removal import Role
from .sample import sampled
from .stage import FlowFailedError, Stage

PERMISSIONS = {each.name: each for each in permissions()}
PROVEN = [name for name, each in PERMISSIONS.items() if each.flow]


def test_the_permissions_are_those_of_the_deployed_roles(roles: dict[str, Role]) -> None:
    """The stack has all statements of the template, with their actions and resources."""
    wanted = {
        role: {
            (each.statement, each.action, each.number)
            for each in PERMISSIONS.values()
            if each.role == role
        }
        for role in roles
    }
    assert {role: each.permissions() for role, each in roles.items()} == wanted


@pytest.mark.parametrize("name", sampled(PROVEN))
def test_a_flow_fails_without_a_permission(
    stage: Stage, roles: dict[str, Role], name: str
) -> None:
    """The flow of permissions.toml fails, and the emulator has denied the action to the role."""
    permission = PERMISSIONS[name]
    role = roles[permission.role]
    with stage.watching(permission.action, role.name), role.without(permission):
        failure = failure_of(stage, permission)
        denied = stage.denied()
    if failure:
        stage.clear()
    assert failure, (
        f"The flow {permission.flow!r} does not need {name}. Give the permission a flow that does "
        "in localstack_init/permissions.toml, or remove it from the template."
    )
    assert denied, f"The flow {permission.flow!r} failed without a denial: {failure}"


def failure_of(stage: Stage, permission: Permission) -> str:
    """Return why the flow of a permission fails; empty if it does not."""
    try:
        FLOWS[permission.flow](stage)
    except FlowFailedError as error:
        return str(error)
    return ""
