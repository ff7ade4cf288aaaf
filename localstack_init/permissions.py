"""Permissions of the stack: why each exists, and which flow fails without it.

The template has the permissions and, in its comments, the reasons. permissions.toml has the flows
of tests/permissions, which remove each permission from a deployed stack.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_init.documented import Template, plain, read, statements, usual, when

FOLDER = Path(__file__).parent


TRUST = "trust policy"
"""The name of the statement that lets a service assume a role, which has no Sid."""

INVOKE = "permission"
"""The name of the statement of a Lambda permission, which has no Sid."""


@dataclass(frozen=True, slots=True)
class Permission:
    """An action on a resource, which a role's or a resource's policy allows or denies."""

    holder: str
    """The role, or the resource's policy, by its name in the template."""
    statement: str
    """Its Sid."""
    action: str
    resource: str
    """As the template names it: ``RawBucket/*``."""
    number: int
    """The place of the resource in its statement."""
    principal: str
    """The service that a resource's policy is about; ``*`` for everybody. Empty for a role."""
    is_denied: bool
    why: str
    only_if: str
    """The condition of the statement in words; empty if it always exists."""
    flow: str
    """The name of a flow that fails without the statement; empty if none does."""
    unproven: str
    """Why no flow fails without it."""

    @property
    def what(self) -> str:
        """The action, with who may do it where a resource's policy says so."""
        who = "everybody" if self.principal == "*" else self.principal
        return f"{'denied: ' if self.is_denied else ''}{self.action}{f' by {who}' if who else ''}"

    @property
    def name(self) -> str:
        """Role or policy, statement, action and resource."""
        return f"{self.holder}.{self.statement} {self.action} {self.resource}"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What permissions.toml has."""

    flows: Mapping[str, str]
    """What happens in each flow, by name."""
    proven: Mapping[str, Mapping[str, Mapping[str, str | Mapping[str, str]]]]
    """The flow of each role, statement and action; by resource if they differ."""
    unproven: Mapping[str, Mapping[str, Mapping[str, str]]]
    """Why no flow proves a role's action, by statement; ``*`` is every action of the statement."""

    @classmethod
    def read(cls) -> "Proofs":
        """Return the file's content."""
        found = tomllib.loads((FOLDER / "permissions.toml").read_text())
        return cls(found["flows"], found["proven"], found["unproven"])

    def flow(self, holder: str, statement: str, action: str, resource: str) -> str:
        """Return the name of the flow that proves a permission; empty if there is none."""
        found = self.proven.get(holder, {}).get(statement, {}).get(action, "")
        return found if isinstance(found, str) else found.get(resource, "")

    def reason(self, holder: str, statement: str, action: str) -> str:
        """Return why no flow proves a permission; empty if one does."""
        found = self.unproven.get(holder, {}).get(statement, {})
        return found.get(action, found.get("*", ""))


def permissions() -> list[Permission]:
    """Return the permissions of the packaged template."""
    return list(permissions_of(read((FOLDER / "template.yaml").read_text()), Proofs.read()))


def permissions_of(template: Template, proofs: Proofs) -> Iterator[Permission]:
    """Yield the permissions of a template's roles and resource policies."""
    for name, resource in template.sections["Resources"].items():
        properties = resource.get("Properties", {})
        described = template.description("Resources", name)
        for statement in properties.get("AssumeRolePolicyDocument", {}).get("Statement", ()):
            whole = {**statement, "Sid": TRUST, "Resource": name}
            yield from _of_statement(name, whole, described, "", proofs)
        if resource["Type"] == "AWS::Lambda::Permission":
            whole = {
                "Sid": INVOKE,
                "Effect": "Allow",
                "Principal": {"Service": properties["Principal"]},
                "Action": properties["Action"],
                "Resource": properties["FunctionName"],
            }
            yield from _of_statement(name, whole, described, "", proofs)
        for statement, condition in statements(resource):
            only_if = f"Only if {when(template, condition)}." if condition else ""
            why = template.reason(name, statement["Sid"])
            yield from _of_statement(name, statement, why, only_if, proofs)


def _of_statement(
    holder: str, statement: Mapping[str, Any], why: str, only_if: str, proofs: Proofs
) -> Iterator[Permission]:
    sid = statement["Sid"]
    principal = statement.get("Principal", "")
    for action in listed(statement["Action"]):
        for number, each in enumerate(listed(usual(statement["Resource"]))):
            resource = plain(each)
            yield Permission(
                holder=holder,
                statement=sid,
                action=action,
                resource=resource,
                number=number,
                principal=principal["Service"] if isinstance(principal, dict) else principal,
                is_denied=statement["Effect"] == "Deny",
                why=why,
                only_if=only_if,
                flow=proofs.flow(holder, sid, action, resource),
                unproven=proofs.reason(holder, sid, action),
            )


def listed(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return an element of a policy as a list."""
    return value if isinstance(value, list) else [value]
