"""Conversion of a template's properties to arguments of the API.

Templates have plain lists where the API has a quantity and items, strings where it has numbers, and
some other names.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_CloudFront.html
"""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape
from localstack.aws.spec import load_service

from localstack_native.cloudfront.errors import error
from localstack_native.cloudfront.managed import quantified

# Names that differ by more than the case of letters.
_NAMES = {
    "ipv6enabled": "isipv6enabled",
    "origincustomheaders": "customheaders",
    "locations": "items",
}
# Members that the API requires and a template may omit, by the name of the shape.
_DEFAULTS: dict[str, dict[str, Any]] = {
    "S3OriginConfig": {"OriginAccessIdentity": ""},
    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443},
    "ForwardedValues": {"Cookies": {"Forward": "none"}},
    "LoggingConfig": {"Enabled": True, "IncludeCookies": False, "Prefix": ""},
}


def arguments(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties in the API model's shape ``name``.

    Raises InvalidArgument for a property that the shape lacks.
    """
    shaped = _shaped(load_service("cloudfront").shape_for(name), properties, name)
    assert isinstance(shaped, dict)
    return shaped


def _shaped(shape: Any, value: Any, path: str) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, value, path)
    if shape.type_name == "list":
        return [_shaped(shape.member, each, path) for each in value]
    return _scalar(shape, value)


def _structure(shape: Any, value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, list) and "Items" in shape.members:
        switch = {"Enabled": bool(value)} if "Enabled" in shape.members else {}
        return {**switch, **quantified(_shaped(shape.members["Items"], value, path))}
    if not isinstance(value, Mapping):
        raise error("InvalidArgument", f"{path} must be an object.")
    members = {member.lower(): member for member in shape.members}
    result = dict(_DEFAULTS.get(shape.name, {}))
    for name, each in value.items():
        if each is None:
            continue
        member = members.get(_NAMES.get(name.lower(), name.lower()))
        if name == "CachedMethods":
            # A sibling of the allowed methods in a template, a child of them in the API.
            continue
        if member is None:
            raise error("InvalidArgument", f"{path} has no property {name}.")
        result[member] = _shaped(shape.members[member], each, f"{path}.{member}")
    if "CachedMethods" in value:
        allowed = result.setdefault("AllowedMethods", quantified(["HEAD", "GET"]))
        allowed["CachedMethods"] = quantified(list(value["CachedMethods"]))
    if "Quantity" in shape.members:
        result.setdefault("Quantity", len(result.get("Items", ())))
    return result


def _scalar(shape: Shape, value: Any) -> Any:
    match shape.type_name:
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
    return str(value)
