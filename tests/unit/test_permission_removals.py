"""Helpers of tests/permissions: a policy without one permission, and a day's sample."""

from localstack_init.permissions import TRUST, Permission, Proofs
from tests.permissions.flows import FLOWS
from tests.permissions.removal import without
from tests.permissions.sample import sample_of


def permission(action: str, number: int, statement: str = "Write") -> Permission:
    """Return a permission of a role."""
    return Permission("Role", statement, action, "", number, "", False, "", "", "", "")  # noqa: FBT003


WRITE = {
    "Sid": "Write",
    "Effect": "Allow",
    "Action": ["s3:PutObject", "s3:DeleteObject"],
    "Resource": ["a", "b"],
}
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "a"}


def test_one_action_on_one_resource_is_removed() -> None:
    """The statement keeps its other actions, and the action its other resources."""
    assert without({"Statement": [READ, WRITE]}, permission("s3:PutObject", 0)) == {
        "Statement": [
            READ,
            {**WRITE, "Action": ["s3:DeleteObject"]},
            {**WRITE, "Sid": "Write2", "Action": "s3:PutObject", "Resource": ["b"]},
        ]
    }


def test_a_statement_without_actions_is_removed() -> None:
    """Nothing is left of the only action on the only resource."""
    removed = permission("s3:GetObject", 0, "Read")
    assert without({"Statement": [READ, WRITE]}, removed) == {"Statement": [WRITE]}
    assert without({"Statement": [READ]}, permission("sts:AssumeRole", 0, TRUST)) == {
        "Statement": []
    }


def test_a_sample_is_the_commits() -> None:
    """A commit has the same sample each time, and commits together have all cases."""
    cases = [f"case {number}" for number in range(20)]
    sample = sample_of(cases, "a", 6)
    assert len(sample) == 4
    assert sample_of(cases, "a", 6) == sample
    assert sample_of(cases, "b", 6) != sample
    together = {each for number in range(60) for each in sample_of(cases, str(number), 6)}
    assert together == set(cases)


def test_each_flow_is_described() -> None:
    """permissions.toml says what happens in each flow, and in no others."""
    assert set(Proofs.read().flows) == set(FLOWS)
