"""What a change set would change, resource by resource and property by property."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localstack_init.template import read_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ResourceChangeTypeDef


@dataclass(frozen=True, slots=True)
class Difference:
    """One property of a resource, before and after; None where it is not set."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that would be added, modified or removed."""

    action: str
    resource: str
    kind: str
    replacement: str = "False"
    """Whether a new resource takes the old one's place: True, False or Conditional."""
    differences: tuple[Difference, ...] = ()


def read_changes(cloudformation: "CloudFormationClient", change_set: str) -> list[Change]:
    """The changes of a change set that is ready."""
    found = []
    token: dict[str, str] = {}
    while True:
        page = cloudformation.describe_change_set(
            ChangeSetName=change_set,
            IncludePropertyValues=True,
            **token,
        )
        found += [_change(each["ResourceChange"]) for each in page["Changes"]]
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def planned(template: str) -> list[Change]:
    """What a first deployment adds; where that depends on a parameter, its type says so."""
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
    if not differences:  # a cloud that does not tell values
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
