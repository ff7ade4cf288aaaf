"""Judgment of a request by all policies that apply to it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html

The emulator has no service control policies, resource control policies and VPC endpoint policies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from localstack_native.access.policy import SILENT, Kind, Outcome, Request, parsed

type Type = Literal[
    "identity-based policy",
    "permissions boundary",
    "session policy",
    "resource-based policy",
    "role trust policy",
]
"""A type of policy, as AWS's error messages name it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy's document, with its name or the ARN of a managed policy."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The policies of a user or a role, and of its session."""

    policies: Sequence[Document] = ()
    boundary: Document | None = None
    session: Sequence[Document] | None = None
    """Session policies; None for a session without any, which nothing limits."""


@dataclass(frozen=True, slots=True)
class Resource:
    """The account and the policy of a resource."""

    account: str = ""
    """Empty if the resource's ARN has no account."""
    policy: Document | None = None
    kind: Kind = "resource"
    """``trust`` for a role."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a judgment, with the policy that decides."""

    is_allowed: bool
    type: Type
    """The type of the policy that allows or denies, or of those that do not allow."""
    is_explicit: bool = False
    """Whether a statement denies."""
    policy: str = ""
    """The name of the policy that allows or denies explicitly."""
    sid: str = ""
    """The Sid of its statement; the statement's number if it has none."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the policies of one type say."""

    type: Type
    outcome: Outcome = SILENT
    policy: str = ""

    @property
    def allows(self) -> bool:
        return self.outcome.decision == "allow"

    @property
    def verdict(self) -> Verdict:
        decision = self.outcome.decision
        is_denied = decision == "deny"
        return Verdict(decision == "allow", self.type, is_denied, self.policy, self.outcome.sid)


def judge(request: Request, identity: Identity | None, resource: Resource) -> Verdict:
    """Return the verdict on a request; ``identity`` is None for a service."""
    of_resource = _finding(
        "role trust policy" if resource.kind == "trust" else "resource-based policy",
        [resource.policy] if resource.policy else [],
        request,
        resource.kind,
    )
    if identity is None:
        return of_resource.verdict
    own = _finding("identity-based policy", identity.policies, request)
    limits = []
    if identity.boundary is not None:
        limits.append(_finding("permissions boundary", [identity.boundary], request))
    if identity.session is not None:
        limits.append(_finding("session policy", identity.session, request))
    for each in (own, *limits, of_resource):
        if each.outcome.decision == "deny":
            return each.verdict
    grant = of_resource.outcome.grant
    is_foreign = resource.account not in {"", request.principal.account}
    if grant == "direct" and not is_foreign:
        # A user or a session that a resource's policy names is not limited by implicit denies.
        return of_resource.verdict
    if grant is None and (is_foreign or resource.kind == "trust"):
        return of_resource.verdict
    granted = of_resource if grant == "role" and not is_foreign else own
    for each in (granted, *limits):
        if not each.allows:
            return each.verdict
    return own.verdict if own.allows else granted.verdict


def _finding(
    type_: Type, documents: Sequence[Document], request: Request, kind: Kind = "identity"
) -> _Finding:
    """Return the explicit deny of the policies, or else their first allow."""
    found = _Finding(type_)
    for document in documents:
        outcome = parsed(document.text).evaluate(request, kind)
        if outcome.decision == "deny":
            return _Finding(type_, outcome, document.name)
        if outcome.decision == "allow" and not found.allows:
            found = _Finding(type_, outcome, document.name)
    return found
