"""Stack policies: which resources an update may modify, replace or delete.

AWS CloudFormation User Guide, "Prevent updates to stack resources".
"""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from localstack.services.cloudformation.engine.validations import ValidationError

POLICY = "stack_policy"
"""The attribute of a stack that stores its policy's body."""


class DeniedError(Exception):
    """The policy of the stack does not allow a change."""


def parsed(body: str) -> Mapping[str, Any]:
    """Return a policy. Raises ``ValidationError``."""
    try:
        policy = json.loads(body)
        statements = _list(policy["Statement"])
        is_valid = all(
            each["Effect"] in ("Allow", "Deny")
            and ("Action" in each) != ("NotAction" in each)
            and ("Resource" in each) != ("NotResource" in each)
            for each in statements
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValidationError(f"Error validating stack policy: {error!r}") from error
    if not is_valid:
        raise ValidationError(
            "Error validating stack policy: each statement has an Effect, an Action or NotAction, "
            "and a Resource or NotResource."
        )
    return {"Statement": statements}


def check(body: str | None, action: str, name: str, kind: str) -> None:
    """Check an action on a resource: Modify, Replace or Delete. Raises ``DeniedError``.

    Without a policy, everything is allowed; with one, what it allows and does not deny.
    """
    if body is None:
        return
    is_allowed = False
    for number, each in enumerate(parsed(body)["Statement"], 1):
        if not _applies(each, f"Update:{action}", f"LogicalResourceId/{name}", kind):
            continue
        if each["Effect"] == "Deny":
            raise DeniedError(
                f"Action denied by stack policy: Statement [#{number}] does not allow "
                f"[Update:{action}] for resource [LogicalResourceId/{name}]"
            )
        is_allowed = True
    if not is_allowed:
        raise DeniedError(
            f"Action denied by stack policy: no statement allows [Update:{action}] for resource "
            f"[LogicalResourceId/{name}]"
        )


def _applies(statement: Mapping[str, Any], action: str, resource: str, kind: str) -> bool:
    for name, value in (("Action", action), ("Resource", resource)):
        if name in statement and not _matches(statement[name], value):
            return False
        if f"Not{name}" in statement and _matches(statement[f"Not{name}"], value):
            return False
    tests = statement.get("Condition", {})
    wanted = [each for test in tests.values() for each in _list(test.get("ResourceType", []))]
    return _matches(wanted, kind) if tests else True


def _matches(patterns: Any, value: str) -> bool:
    return any(fnmatchcase(value, each) for each in _list(patterns))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
