"""Principals: who makes a request, and whom the Principal element of a policy names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from localstack_native.access.conditions import listed
from localstack_native.access.patterns import UndecidableError

type Grant = Literal["account", "role", "direct"]
"""Whom a statement names: the principal's account, which delegates to its identity policies; the
role of a session; or the principal itself, a user, a session, a service or everybody."""

RANKS: Mapping[Grant, int] = {"account": 1, "role": 2, "direct": 3}

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


def account_of(name: str) -> str:
    """Return the account of an ARN; an account number is returned unchanged."""
    return name.split(":")[4] if name.count(":") >= 5 else name


def grant_of(wanted: Any, principal: Principal) -> Grant | None:
    """Return as whom a Principal element names a principal; None if it does not.

    ``CanonicalUser`` and ``Federated`` never do: the emulator has no such principals.
    """
    if wanted == _EVERYBODY:
        return "direct"
    if not isinstance(wanted, Mapping):
        raise UndecidableError("The Principal element is neither * nor an object.")
    names = listed(wanted.get("AWS", []))
    if _EVERYBODY in names:
        return "direct"
    if principal.kind == "service":
        services = listed(wanted.get("Service", []))
        return "direct" if principal.name in services or _EVERYBODY in services else None
    if principal.kind == "anonymous":
        return None
    found = [grant for name in names if (grant := _grant(name, principal.name))]
    return max(found, key=RANKS.__getitem__, default=None)


def _grant(wanted: str, name: str) -> Grant | None:
    if wanted == name:
        return "direct"
    account = account_of(name)
    if wanted in {account, f"arn:aws:iam::{account}:root"}:
        return "account"
    # arn:aws:sts::account:assumed-role/role/session acts for arn:aws:iam::account:role/path/role.
    session, role = name.rpartition(":")[2].split("/"), wanted.rpartition(":")[2].split("/")
    is_role = (
        account_of(wanted) == account
        and (session[0], role[0]) == ("assumed-role", "role")
        and len(session) > 1
        and session[1] == role[-1]
    )
    return "role" if is_role else None
