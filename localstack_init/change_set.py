"""Change sets: what a deployment would change, by resource and property."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError, WaiterError

from localstack_init.cloudformation import (
    TIMEOUT_SECONDS,
    OvertakenError,
    Say,
    StackError,
    code,
    reason,
)
from localstack_init.template import read_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        ResourceChangeTypeDef,
        RollbackConfigurationTypeDef,
    )

PREFIXES = ("deploy-", "compare-")
"""Prefixes of the names of our change sets, by purpose."""

POLL_SECONDS = 0.5

NO_CHANGES = ("didn't contain changes", "No updates are to be")
"""Parts of the reason why CloudFormation refuses a change set without changes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One property of a resource before and after; None where it is not set."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that is added, modified or removed."""

    action: str
    resource: str
    kind: str
    replacement: str = "False"
    """Whether a new resource replaces the old one: True, False or Conditional."""
    differences: tuple[Difference, ...] = ()


def create_change_set(
    cloudformation: "CloudFormationClient",
    stack: str,
    purpose: str,
    template: str,
    parameters: Mapping[str, str],
    *,
    exists: bool,
    rollback: "RollbackConfigurationTypeDef | None" = None,
) -> str | None:
    """Create a change set and return its id, or None if it changes nothing.

    ``rollback`` has the alarms that roll back its execution; None keeps the last execution's. An
    unused change set is deleted, after an interruption as well. Raises ``StackError``, and
    ``OvertakenError`` if another deployment's change set was executed meanwhile.
    """
    try:
        change_set = cloudformation.create_change_set(
            StackName=stack,
            ChangeSetName=f"{purpose}-{uuid4().hex}",
            ChangeSetType="UPDATE" if exists else "CREATE",
            TemplateURL=template,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "project", "Value": "darkroom"}],
            RollbackConfiguration=rollback or {},
        )["Id"]
    except ClientError as error:
        if "already exists and cannot be created again" in reason(error):
            raise OvertakenError(f"Another deployment has created the stack: {error}") from error
        if code(error) == "ValidationError":
            raise StackError(f"CloudFormation refused the change: {reason(error)}") from error
        raise
    is_executable = False
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(
            ChangeSetName=change_set,
            WaiterConfig={
                "Delay": POLL_SECONDS,  # type: ignore[typeddict-item]  # any number of seconds
                "MaxAttempts": int(TIMEOUT_SECONDS / POLL_SECONDS),
            },
        )
        created = cloudformation.describe_change_set(ChangeSetName=change_set)
        # A change set of outputs only has no changes, and is executable.
        is_executable = bool(
            created.get("Changes") or created.get("ExecutionStatus") == "AVAILABLE"
        )
    except (ClientError, WaiterError) as error:
        if "ChangeSetNotFound" in str(error):
            # Executing the change set of another deployment has deleted it.
            raise OvertakenError(f"Another deployment has changed the stack: {error}") from error
        if isinstance(error, ClientError):
            raise
        why = error.last_response.get("StatusReason")
        if why is None:
            raise StackError(f"The change set was not created: {error}") from error
        if not any(each in why for each in NO_CHANGES):
            raise StackError(f"CloudFormation refused the template: {why}") from error
    finally:
        if not is_executable:
            delete_change_set(cloudformation, change_set)
    return change_set if is_executable else None


def delete_change_set(cloudformation: "CloudFormationClient", change_set: str) -> None:
    """Delete a change set by its id, unless CloudFormation is still creating it.

    Executing another change set of the stack deletes it as well.
    """
    try:
        cloudformation.delete_change_set(ChangeSetName=change_set)
    except ClientError as error:
        if code(error) != "InvalidChangeSetStatus":
            raise


def delete_stale_change_sets(cloudformation: "CloudFormationClient", stack: str, say: Say) -> None:
    """Delete our change sets that interrupted deployments created and never executed."""
    for page in cloudformation.get_paginator("list_change_sets").paginate(StackName=stack):
        for each in page["Summaries"]:
            name = each["ChangeSetName"]
            was_executed = each.get("ExecutionStatus", "").startswith("EXECUTE")
            if name.startswith(PREFIXES) and not was_executed:
                say(f"Deleting the change set {name}: an earlier deployment did not execute it")
                delete_change_set(cloudformation, each["ChangeSetId"])


def read_changes(cloudformation: "CloudFormationClient", change_set: str) -> list[Change]:
    """Return the changes of a change set."""
    pages = cloudformation.get_paginator("describe_change_set").paginate(
        ChangeSetName=change_set,
        IncludePropertyValues=True,
    )
    return [_change(each["ResourceChange"]) for page in pages for each in page["Changes"]]


def planned(template: str) -> list[Change]:
    """Return what a first deployment adds; a conditional resource has its condition in ``kind``."""
    return [
        Change(
            "Add",
            name,
            each["Type"] + (f" (if {each['Condition']})" if "Condition" in each else ""),
        )
        for name, each in read_template(template)["Resources"].items()
    ]


def _change(change: "ResourceChangeTypeDef") -> Change:
    before, after = (
        json.loads(context or "{}")
        for context in (change.get("BeforeContext"), change.get("AfterContext"))
    )
    action = change["Action"]
    differences = tuple(_differences("", before, after)) if action == "Modify" else ()
    if not differences:  # emulators give no property values
        names = [
            each["Target"].get("Name") or each["Target"].get("Attribute", "")
            for each in change.get("Details", [])
        ]
        differences = tuple(Difference(name, None, None) for name in dict.fromkeys(names))
    return Change(
        action,
        change["LogicalResourceId"],
        change["ResourceType"],
        change.get("Replacement", "False"),
        differences,
    )


def _differences(path: str, before: Any, after: Any) -> Iterator[Difference]:  # noqa: ANN401 (JSON)
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before | after:
            below = name if path in ("", "Properties") else f"{path}.{name}"
            yield from _differences(below, before.get(name), after.get(name))
    elif before != after:
        yield Difference(path, before, after)
