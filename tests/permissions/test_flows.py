"""Every flow comes to its end under enforcement, and nothing is denied."""

import pytest

from localstack_init.permissions import permissions

from .flows import DELETING, FLOWS, PUBLIC
from .removal import Policies
from .stage import Stage


@pytest.mark.parametrize("name", [each for each in FLOWS if each not in PUBLIC])
def test_a_flow_is_allowed(request: pytest.FixtureRequest, name: str) -> None:
    """The stack's roles and services have the permissions that the flow needs."""
    stage: Stage = request.getfixturevalue("deleting" if name in DELETING else "stage")
    before = stage.trace.last()
    FLOWS[name](stage)
    assert stage.denials(before) == []


def test_what_no_flow_proves_is_used_by_none(stage: Stage, policies: Policies) -> None:
    """A permission that permissions.toml lists as unproven was not used by the flows."""
    unproven = [each for each in permissions() if each.unproven and not each.principal]
    assert unproven
    for role in {each.holder for each in unproven}:
        used = {
            (each["sid"], each["action"].lower())
            for each in stage.trace.decisions(policies.resources[role])
        }
        listed = {(each.statement, each.action.lower()) for each in unproven if each.holder == role}
        assert used & listed == set(), f"Give them a flow in permissions.toml: {role}"
