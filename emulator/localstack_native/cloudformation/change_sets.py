"""Descriptions of change sets: changed properties, their causes, values, and replacements.

AWS CloudFormation API Reference, "ResourceChange", "ResourceChangeDetail" and
"ResourceTargetDefinition".
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from localstack_native.cloudformation.intrinsics import as_text
from localstack_native.cloudformation.planning import Change


def described(
    change: Change, definitions: Mapping[str, Any], *, with_values: bool
) -> dict[str, Any]:
    """Return a change as DescribeChangeSet returns it."""
    resource: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.name,
        "ResourceType": change.kind,
        "Scope": [],
        "Details": [],
    }
    if change.physical_id:
        resource["PhysicalResourceId"] = change.physical_id
    if change.action == "Modify":
        resource["Replacement"] = change.replacement
        definition = definitions.get(change.name, {})
        resource["Details"] = list(_details(change, definition, with_values=with_values))
        resource["Scope"] = sorted(
            {detail["Target"]["Attribute"] for detail in resource["Details"]}
        )
    if with_values:
        contexts = {"BeforeContext": change.before, "AfterContext": change.after}
        for name, properties in contexts.items():
            if properties is not None:
                resource[name] = json.dumps({"Properties": properties})
    return {"Type": "Resource", "ResourceChange": resource}


def _details(
    change: Change, definition: Mapping[str, Any], *, with_values: bool
) -> Iterator[dict[str, Any]]:
    for name in change.properties:
        recreation = "Never"
        if name in change.replaced_by:
            recreation = "Conditionally" if name in change.unknown else "Always"
        target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
        if name == "Tags":
            target = {"Attribute": "Tags", "RequiresRecreation": recreation}
        if with_values:
            target |= _values(name, change.before or {}, change.after or {})
        detail = {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}
        if name in change.unknown:
            detail |= {"Evaluation": "Dynamic"}
            detail |= _cause((definition.get("Properties") or {}).get(name))
        yield detail
    for name in change.attributes:
        yield {
            "Target": {"Attribute": name, "RequiresRecreation": "Never"},
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }


def _values(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    found = {"Path": f"/Properties/{name}", "AttributeChangeType": "Modify"}
    if name in before:
        found["BeforeValue"] = _shown(before[name])
    else:
        found["AttributeChangeType"] = "Add"
    if name in after:
        found["AfterValue"] = _shown(after[name])
    else:
        found["AttributeChangeType"] = "Remove"
    return found


def _shown(value: Any) -> str:
    text = as_text(value)
    return text if isinstance(text, str) else json.dumps(text)


def _cause(value: Any) -> dict[str, str]:
    """Return the resource that determines a value, if it is referred to directly."""
    match value:
        case {"Ref": str(cause)}:
            return {"ChangeSource": "ResourceReference", "CausingEntity": cause}
        case {"Fn::GetAtt": cause}:
            path = cause if isinstance(cause, str) else ".".join(cause)
            return {"ChangeSource": "ResourceAttribute", "CausingEntity": path}
    return {}
