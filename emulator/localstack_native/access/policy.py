"""Resource policies: evaluation for a request, and whether a policy is public.

AWS's evaluation logic:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

An undecidable statement (an unknown operator, a variable without a value, an invalid date) never
allows: it does not apply if it is an Allow, and applies if it is a Deny.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from localstack_native.access import conditions
from localstack_native.access.conditions import listed
from localstack_native.access.patterns import UndecidableError, Values, is_fixed, matches

type Decision = Literal["allow", "deny", "silent"]
"""``silent``: no statement applies, which denies the request unless another policy allows it."""

# Policies of older versions have no variables: "${" is literal there.
_WITH_VARIABLES = "2012-10-17"
_EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Principal:
    """The principal of a request."""

    kind: Literal["anonymous", "service", "aws"]
    name: str = ""
    """A service's name (``cloudfront.amazonaws.com``), or an account's number or an ARN."""

    @classmethod
    def anonymous(cls) -> Self:
        """Return the principal of requests without credentials."""
        return cls("anonymous")

    @classmethod
    def service(cls, name: str) -> Self:
        """Return a service principal, such as ``cloudfront.amazonaws.com``."""
        return cls("service", name)

    @classmethod
    def aws(cls, name: str) -> Self:
        """Return an account by its number, or a user, role or session by its ARN."""
        return cls("aws", name)

    @property
    def account(self) -> str:
        """The principal's account number; empty for services and anonymous requests."""
        return account_of(self.name) if self.kind == "aws" else ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for an action on a resource."""

    principal: Principal
    action: str
    """``s3:GetObject``."""
    resource: str
    """The ARN, such as ``arn:aws:s3:::bucket/key``."""
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys (in any case) and their values."""


def decide(policy: Mapping[str, Any], request: Request) -> Decision:
    """Return a policy's decision; an explicit deny outweighs every allow."""
    values = {key.lower(): listed(value) for key, value in request.context.items()}
    variables = values if policy.get("Version") == _WITH_VARIABLES else None
    decision: Decision = "silent"
    for statement in statements(policy):
        denies = statement.get("Effect") != "Allow"
        try:
            applies = _applies(statement, request, values, variables)
        except UndecidableError:
            applies = denies
        if applies and denies:
            return "deny"
        if applies:
            decision = "allow"
    return decision


def statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a policy's statements; a single statement may stand without a list."""
    found = policy.get("Statement", [])
    yield from [found] if isinstance(found, Mapping) else found


def check(policy: Mapping[str, Any]) -> None:
    """Raise UndecidableError for a policy with an unknown condition operator."""
    for statement in statements(policy):
        for name, _, _ in conditions.each(statement.get("Condition") or {}):
            conditions.parsed(name)


def account_of(name: str) -> str:
    """Return the account of an ARN; an account number is returned unchanged."""
    return name.split(":")[4] if name.count(":") >= 5 else name


def _applies(
    statement: Mapping[str, Any], request: Request, values: Values, variables: Values | None
) -> bool:
    return (
        _either(statement, "Principal", lambda wanted: _is_principal(wanted, request.principal))
        and _either(
            statement,
            "Action",
            lambda wanted: any(
                matches(each.lower(), request.action.lower(), None) for each in listed(wanted)
            ),
        )
        and _either(
            statement,
            "Resource",
            lambda wanted: any(
                matches(each, request.resource, variables) for each in listed(wanted)
            ),
        )
        and conditions.hold(statement.get("Condition") or {}, values, variables)
    )


def _either(statement: Mapping[str, Any], element: str, covers: Any) -> bool:
    """Evaluate an element or its negation (``NotAction``); a statement has exactly one."""
    if (element in statement) == (f"Not{element}" in statement):
        raise UndecidableError(f"A statement needs {element} or Not{element}.")
    if element in statement:
        return bool(covers(statement[element]))
    return not covers(statement[f"Not{element}"])


def _is_principal(wanted: Any, principal: Principal) -> bool:
    """Return whether a Principal element includes a principal.

    ``CanonicalUser`` and ``Federated`` never do: the emulator has no such principals.
    """
    if wanted == _EVERYBODY:
        return True
    if not isinstance(wanted, Mapping):
        raise UndecidableError("The Principal element is neither * nor an object.")
    names = listed(wanted.get("AWS", []))
    if _EVERYBODY in names:
        return True
    if principal.kind == "service":
        services = listed(wanted.get("Service", []))
        return principal.name in services or _EVERYBODY in services
    return principal.kind == "aws" and any(_is_one_of(name, principal.name) for name in names)


def _is_one_of(wanted: str, name: str) -> bool:
    """Return whether an entry of ``AWS`` names a principal: itself, its account, or its role."""
    if wanted in {name, account_of(name), f"arn:aws:iam::{account_of(name)}:root"}:
        return True
    # arn:aws:sts::account:assumed-role/role/session acts for arn:aws:iam::account:role/path/role.
    session, role = name.rpartition(":")[2].split("/"), wanted.rpartition(":")[2].split("/")
    return (
        account_of(wanted) == account_of(name)
        and (session[0], role[0]) == ("assumed-role", "role")
        and len(session) > 1
        and session[1] == role[-1]
    )


# Keys whose fixed value narrows a grant:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# ("The meaning of public").
_NARROWING = frozenset(
    {
        "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner",
        "aws:sourceaccount", "aws:userid", "aws:principalorgid", "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)  # fmt: skip
_EQUALITIES = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
)
# Ranges "broader than /8 for IPv4 and /32 for IPv6" are public.
_NARROWEST_PUBLIC = {4: 7, 6: 31}


def is_public(policy: Mapping[str, Any]) -> bool:
    """Return whether a policy is public by the definition of Block Public Access.

    It is not public if each Allow names fixed principals, or has a condition with fixed values (no
    wildcard, no variable) for a key such as ``aws:SourceArn``.
    """
    return any(
        statement.get("Effect") == "Allow"
        and not _names_principals(statement)
        and not _is_narrowed(statement)
        for statement in statements(policy)
    )


def _names_principals(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    return isinstance(principal, Mapping) and all(
        is_fixed(name) for names in principal.values() for name in listed(names)
    )


def _is_narrowed(statement: Mapping[str, Any]) -> bool:
    try:
        found = list(conditions.each(statement.get("Condition") or {}))
        return any(_narrows(*each) for each in found)
    except UndecidableError:
        return False


def _narrows(name: str, key: str, wanted: list[str]) -> bool:
    quantifier, base, if_exists = conditions.parsed(name)
    # Both hold for requests that lack the key.
    if if_exists or quantifier == "ForAllValues":
        return False
    if base == "IpAddress" and key.lower() == "aws:sourceip":
        return all(_is_narrow(cidr) for cidr in wanted)
    return (
        base in _EQUALITIES
        and key.lower() in _NARROWING
        and all(is_fixed(value) for value in wanted)
    )


def _is_narrow(cidr: str) -> bool:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen > _NARROWEST_PUBLIC[network.version]
