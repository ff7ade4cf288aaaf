"""Permissions of the stack's roles: why each exists, and which flow fails without it.

The template has the permissions and, in its comments, the reasons. permissions.toml has the flows
of tests/permissions, which remove each permission from a deployed stack.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_init.documented import Template, plain, read, statements, when

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Permission:
    """An action of a role on a resource."""

    role: str
    statement: str
    """Its Sid."""
    action: str
    resource: str
    """As the template names it: ``RawBucket/*``."""
    number: int
    """The place of the resource in its statement."""
    why: str
    only_if: str
    """The condition of the statement in words; empty if the role always has it."""
    flow: str
    """The name of a flow that fails without the permission; empty if none does."""
    unproven: str
    """Why no flow fails without it."""

    @property
    def name(self) -> str:
        """Role, statement, action and resource."""
        return f"{self.role}.{self.statement} {self.action} {self.resource}"


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

    def flow(self, role: str, statement: str, action: str, resource: str) -> str:
        """Return the name of the flow that proves a permission; empty if there is none."""
        found = self.proven.get(role, {}).get(statement, {}).get(action, "")
        return found if isinstance(found, str) else found.get(resource, "")

    def reason(self, role: str, statement: str, action: str) -> str:
        """Return why no flow proves a permission; empty if one does."""
        found = self.unproven.get(role, {}).get(statement, {})
        return found.get(action, found.get("*", ""))


def permissions() -> list[Permission]:
    """Return the permissions of all roles of the packaged template."""
    return list(permissions_of(read((FOLDER / "template.yaml").read_text()), Proofs.read()))


def permissions_of(template: Template, proofs: Proofs) -> Iterator[Permission]:
    """Yield the permissions of a template's roles."""
    for role, resource in template.sections["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for statement, condition in statements(resource):
            sid = statement["Sid"]
            for action in listed(statement["Action"]):
                for number, each in enumerate(listed(statement["Resource"])):
                    name = plain(each)
                    yield Permission(
                        role,
                        sid,
                        action,
                        name,
                        number,
                        template.reason(role, sid),
                        f"Only if {when(template, condition)}." if condition else "",
                        proofs.flow(role, sid, action, name),
                        proofs.reason(role, sid, action),
                    )


def listed(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return an element of a policy as a list."""
    return value if isinstance(value, list) else [value]
