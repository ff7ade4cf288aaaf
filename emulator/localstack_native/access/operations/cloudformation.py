"""Operations of CloudFormation.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html

The stack's resources are not the caller's requests here: LocalStack creates them as the account.
"""

from collections.abc import Iterable
from typing import Any

from localstack_native.access.operations.table import (
    Parameters,
    Place,
    Required,
    Table,
    arn,
    pass_role,
)

_set = arn("cloudformation", "stackset/{}:*")
_service = "cloudformation.amazonaws.com"


def _stack(value: Any, place: Place) -> str:
    """Return the ARN of a stack: the one with the name, or of any ID if there is none."""
    from localstack_native.releases import cloudformation_stores

    text = str(value)
    if text.startswith("arn:"):
        return text
    store = cloudformation_stores()[place.account][place.region]
    known = (*getattr(store, "stacks_v2", {}), *getattr(store, "stacks", {}))
    found = next((each for each in reversed(known) if f":stack/{text}/" in each), None)
    return found or arn("cloudformation", "stack/{}/*")(text, place)


def _keys(request: Parameters) -> dict[str, str | list[str]]:
    keys: dict[str, str | list[str]] = {}
    for name, key in (
        ("ChangeSetName", "cloudformation:ChangeSetName"),
        ("RoleARN", "cloudformation:RoleArn"),
        ("StackPolicyURL", "cloudformation:StackPolicyUrl"),
        ("TemplateURL", "cloudformation:TemplateUrl"),
        ("ResourceTypes", "cloudformation:ResourceTypes"),
    ):
        if value := request.get(name):
            keys[key] = list(value) if isinstance(value, list) else str(value)
    return keys


def _on_stack(name: str) -> Any:
    """Return the requirement of an operation on a stack or, without its name, a change set.

    AWS authorizes an operation on a change set by its stack; one that is named by its ARN alone is
    authorized by that ARN.
    """

    def required(request: Parameters, place: Place) -> Iterable[Required]:
        stack, change_set = request.get("StackName"), str(request.get("ChangeSetName") or "")
        resource = _stack(stack, place) if stack else _stack_of(change_set, place)
        yield Required(f"cloudformation:{name}", resource, _keys(request))
        yield from pass_role("RoleARN", _service)(request, place)

    return required


def _stack_of(change_set: str, place: Place) -> str:
    from localstack_native.releases import cloudformation_stores

    store = cloudformation_stores()[place.account][place.region]
    found = getattr(store, "change_sets", {}).get(change_set)
    stack = getattr(getattr(found, "stack", None), "stack_id", None)
    return str(stack or change_set or "*")


_ON_STACKS = (
    "CancelUpdateStack", "ContinueUpdateRollback", "CreateChangeSet", "CreateStack",
    "DeleteChangeSet", "DeleteStack", "DescribeChangeSet", "DescribeChangeSetHooks",
    "DetectStackDrift", "DetectStackResourceDrift", "ExecuteChangeSet", "RollbackStack",
    "UpdateStack",
)  # fmt: skip

TABLE = Table(
    "cloudformation",
    resources={
        "StackSetName": _set,
        "StackName": _stack,
    },
    on_all=frozenset(
        {"CreateGeneratedTemplate", "CreateStackSet", "EstimateTemplateCost", "ValidateTemplate"}
    ),
    keys={
        "TemplateURL": "cloudformation:TemplateUrl",
        "StackPolicyURL": "cloudformation:StackPolicyUrl",
    },
    special={name: _on_stack(name) for name in _ON_STACKS},
)
