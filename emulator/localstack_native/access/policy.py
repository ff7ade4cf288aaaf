"""Policies: their statements, and what these say about a request.

AWS's evaluation logic:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

An undecidable statement (an unknown operator, a variable without a value, an invalid date) never
allows: it does not apply if it is an Allow, and applies if it is a Deny.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from localstack_native.access import conditions
from localstack_native.access.conditions import listed
from localstack_native.access.patterns import UndecidableError, Values, matches
from localstack_native.access.principals import RANKS, Grant, Principal, grant_of

type Decision = Literal["allow", "deny", "silent"]
"""``silent``: no statement applies, which denies the request unless another policy allows it."""

type Kind = Literal["identity", "resource", "trust"]
"""Statements of identity policies have no Principal, those of trust policies no Resource."""

# Policies of older versions have no variables: "${" is literal there.
_WITH_VARIABLES = "2012-10-17"


@dataclass(slots=True)
class Request:
    """A request for an action on a resource."""

    principal: Principal
    action: str
    """``s3:GetObject``."""
    resource: str
    """The ARN, such as ``arn:aws:s3:::bucket/key``."""
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys (in any case) and their values, which it may compute when it is read."""
    unknown: frozenset[str] = frozenset()
    """Condition keys, in lower case, whose values AWS knows and the emulator does not. A condition
    with one of them holds in an Allow, and does not hold in a Deny."""
    has_resource: bool = True
    """Whether the resource is known. Of an unknown one, every Allow names it, and of the Deny
    statements those for all resources."""
    _values: dict[str, list[str]] | None = None

    @property
    def values(self) -> Values:
        """The values of each condition key, in lower case."""
        if self._values is None:
            self._values = {key.lower(): listed(value) for key, value in self.context.items()}
        return self._values


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy says about a request."""

    decision: Decision
    sid: str = ""
    """The Sid of the statement that decides; its number in the policy if it has none."""
    grant: Grant | None = None
    """Whom the statement of an Allow names."""


SILENT = Outcome("silent")


class Statement:
    """A statement of a policy."""

    def __init__(self, element: Mapping[str, Any], number: int, *, has_variables: bool) -> None:
        self.sid = str(element.get("Sid") or number)
        self.denies = element.get("Effect") != "Allow"
        self._element = element
        self._has_variables = has_variables

    def is_about(self, action: str) -> bool:
        """Return whether a statement is about an action, or undecidable."""
        wanted = action.lower()
        try:
            return self._either(
                "Action",
                lambda names: any(matches(each.lower(), wanted, None) for each in listed(names)),
            )
        except UndecidableError:
            return True

    def grant(self, request: Request, kind: Kind) -> Grant | None:
        """Return whom the statement names; None if it does not apply.

        It must be about the request's action. Raises UndecidableError.
        """
        named: Grant | None = "direct" if kind == "identity" else self._named(request.principal)
        if named is None:
            return None
        self._one_of("Action")
        if kind != "trust" and not self._is_on(request):
            return None
        found = self._element.get("Condition")
        if not found:
            return named
        values = request.values
        assumed = dict.fromkeys(request.unknown, not self.denies)
        variables = values if self._has_variables else None
        return named if conditions.hold(found, values, variables, assumed) else None

    def _named(self, principal: Principal) -> Grant | None:
        named = self._one_of("Principal")
        grant = grant_of(self._element[named], principal)
        if named == "Principal":
            return grant
        return None if grant else "direct"

    def _is_on(self, request: Request) -> bool:
        if not request.has_resource and self._one_of("Resource") == "NotResource":
            return not self.denies
        return self._either("Resource", lambda wanted: self._covers(wanted, request))

    def _covers(self, wanted: Any, request: Request) -> bool:
        if not request.has_resource:
            return not self.denies or "*" in listed(wanted)
        for each in listed(wanted):
            variables = request.values if self._has_variables and "${" in each else None
            if matches(each, request.resource, variables):
                return True
        return False

    def _either(self, name: str, covers: Callable[[Any], bool]) -> bool:
        """Evaluate an element or its negation (``NotAction``)."""
        named = self._one_of(name)
        return covers(self._element[named]) == (named == name)

    def _one_of(self, name: str) -> str:
        """Return which of an element and its negation the statement has, which is exactly one."""
        if (name in self._element) == (f"Not{name}" in self._element):
            raise UndecidableError(f"A statement needs {name} or Not{name}.")
        return name if name in self._element else f"Not{name}"


class Policy:
    """A policy, with its statements by action."""

    def __init__(self, document: Any) -> None:
        # LocalStack stores documents that AWS refuses.
        known = document if isinstance(document, Mapping) else {}
        has_variables = known.get("Version") == _WITH_VARIABLES
        self._statements = [
            Statement(element, number, has_variables=has_variables)
            for number, element in enumerate(statements(known), start=1)
        ]
        self._about: dict[str, list[Statement]] = {}

    def evaluate(self, request: Request, kind: Kind = "resource") -> Outcome:
        """Return what the policy says about a request; an explicit deny outweighs every allow."""
        best = SILENT
        about = self._about.get(request.action)
        if about is None:
            about = [each for each in self._statements if each.is_about(request.action)]
            self._about[request.action] = about
        for statement in about:
            try:
                grant = statement.grant(request, kind)
            except UndecidableError:
                grant = "direct" if statement.denies else None
            if grant is None:
                continue
            if statement.denies:
                return Outcome("deny", statement.sid)
            if best.grant is None or RANKS[grant] > RANKS[best.grant]:
                best = Outcome("allow", statement.sid, grant)
        return best


@lru_cache(maxsize=4096)
def parsed(text: str) -> Policy:
    """Return the policy of a JSON document; one that allows nothing if it is not valid JSON."""
    try:
        return Policy(json.loads(text))
    except ValueError:
        return Policy({})


def decide(policy: Mapping[str, Any], request: Request) -> Decision:
    """Return the decision of a resource's policy; an explicit deny outweighs every allow."""
    return Policy(policy).evaluate(request).decision


def statements(policy: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a policy's statements; a single statement may stand without a list."""
    found = policy.get("Statement", [])
    yield from [found] if isinstance(found, Mapping) else found


def check(policy: Mapping[str, Any]) -> None:
    """Raise UndecidableError for a policy with an unknown condition operator."""
    for statement in statements(policy):
        for name, _, _ in conditions.each(statement.get("Condition") or {}):
            conditions.parsed(name)
