"""Intrinsic functions of templates, evaluated for one set of parameters and resources.

AWS CloudFormation Template Reference, "Intrinsic function reference".
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from localstack.aws.connect import connect_to
from localstack.services.cloudformation.engine.v2.change_set_model_preproc import (
    _AWS_URL_SUFFIX,
    ChangeSetModelPreproc,
)
from localstack.services.cloudformation.engine.v2.resolving import (
    REGEX_DYNAMIC_REF,
    extract_dynamic_reference,
    perform_dynamic_reference_lookup,
)
from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.utils.aws.arns import get_partition
from localstack.utils.numbers import to_number

from localstack_native.releases import cloudformation_exports

VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
LITERAL = re.compile(r"\$\{!([^{}]*)\}")

KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""What AWS's change sets have in place of a value that an execution determines."""


class _NoValue:
    """The result of ``AWS::NoValue``: the property is absent."""


NO_VALUE = _NoValue()


class Resources(Protocol):
    """The resources that a template refers to."""

    def ref(self, name: str) -> Any:
        """Return the physical id of a resource."""
        ...

    def attribute(self, name: str, path: str) -> Any:
        """Return an attribute of a resource, or None."""
        ...


@dataclass(slots=True)
class Template:
    """A template with the values of its parameters, in a stack."""

    body: Mapping[str, Any]
    parameters: Mapping[str, Any]
    """LocalStack's resolved parameters, by name."""
    stack: Any
    resources: Resources
    _conditions: dict[str, bool] = field(default_factory=dict)

    def definitions(self) -> dict[str, Any]:
        """Return the resources whose condition is true, by logical id."""
        return {
            name: each
            for name, each in (self.body.get("Resources") or {}).items()
            if "Condition" not in each or self.condition(each["Condition"])
        }

    def properties(self, name: str) -> dict[str, Any]:
        """Return the evaluated properties of a resource."""
        found = self.value(self.body["Resources"][name].get("Properties") or {})
        return dict(found)

    def outputs(self) -> Iterator[dict[str, Any]]:
        """Yield the outputs whose condition is true, as DescribeStacks returns them."""
        for name, each in (self.body.get("Outputs") or {}).items():
            if "Condition" in each and not self.condition(each["Condition"]):
                continue
            output = {"OutputKey": name, "OutputValue": as_text(self.value(each["Value"]))}
            if "Description" in each:
                output["Description"] = each["Description"]
            if "Export" in each:
                output["ExportName"] = self.value(each["Export"]["Name"])
            yield output

    def condition(self, name: str) -> bool:
        """Return whether a condition is true."""
        if name not in self._conditions:
            known = self.body.get("Conditions") or {}
            if name not in known:
                raise ValidationError(f"Template error: unresolved condition dependency {name}")
            self._conditions[name] = self.value(known[name]) in (True, "true")
        return self._conditions[name]

    def value(self, node: Any) -> Any:  # noqa: PLR0911 (one for each kind)
        """Return the value of a part of the template."""
        match node:
            case {"Ref": str(name), **more} if not more:
                return self._ref(name)
            case {"Condition": str(name), **more} if not more:
                return self.condition(name)
            case dict() if len(node) == 1 and (name := next(iter(node))) in _FUNCTIONS:
                result = _FUNCTIONS[name](self, node[name])
                return self._replaced(result) if isinstance(result, str) else result
            case dict():
                found = {key: self.value(each) for key, each in node.items()}
                return {
                    key: each
                    for key, each in found.items()
                    if each is not None and each is not NO_VALUE
                }
            case list():
                values = (self.value(each) for each in node)
                return [each for each in values if each is not NO_VALUE]
            case str():
                return self._replaced(node)
            case _:
                return node

    def _ref(self, name: str) -> Any:
        pseudo: dict[str, Callable[[], Any]] = {
            "AWS::AccountId": lambda: self.stack.account_id,
            "AWS::NoValue": lambda: NO_VALUE,
            "AWS::NotificationARNs": list,
            "AWS::Partition": lambda: get_partition(self.stack.region_name),
            "AWS::Region": lambda: self.stack.region_name,
            "AWS::StackId": lambda: self.stack.stack_id,
            "AWS::StackName": lambda: self.stack.stack_name,
            "AWS::URLSuffix": lambda: _AWS_URL_SUFFIX,
        }
        if name in pseudo:
            return pseudo[name]()
        if name in self.parameters:
            return _parameter(self.parameters[name])
        if name in (self.body.get("Resources") or {}):
            return self.resources.ref(name)
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{name}] in the Resources "
            "block of the template"
        )

    def _attribute(self, name: str, path: str) -> Any:
        definition = (self.body.get("Resources") or {}).get(name)
        if definition is None:
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {name}"
            )
        found = self.resources.attribute(name, path)
        if found is None and path in (definition.get("Properties") or {}):
            return self.value(definition["Properties"][path])
        return found

    def _replaced(self, text: str) -> str:
        """Return a string with LocalStack's replacements: API endpoints, dynamic references."""
        text = ChangeSetModelPreproc._perform_static_replacements(text)  # noqa: SLF001
        reference = extract_dynamic_reference(text)
        if not reference:
            return text
        found = perform_dynamic_reference_lookup(
            reference=reference,
            account_id=self.stack.account_id,
            region_name=self.stack.region_name,
        )
        return REGEX_DYNAMIC_REF.sub(lambda _: str(found), text) if found else text


def references(node: Any) -> Iterator[str]:
    """Yield the names that a part of a template refers to, and its variables."""
    match node:
        case {"Ref": str(name), **more} if not more:
            yield name
        case {"Fn::GetAtt": str(path), **more} if not more:
            yield path.partition(".")[0]
        case {"Fn::GetAtt": [str(name), *_], **more} if not more:
            yield name
        case {"Fn::Sub": arguments, **more} if not more:
            text, values = arguments if isinstance(arguments, list) else (arguments, {})
            names = {each.partition(".")[0].strip() for each in VARIABLE.findall(text)}
            yield from names - values.keys()
            yield from references(values)
        case dict():
            for each in node.values():
                yield from references(each)
        case list():
            for each in node:
                yield from references(each)


def as_text(value: Any) -> Any:
    """Return a scalar as CloudFormation passes it: all its scalars are strings."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    return value


def _parameter(parameter: Mapping[str, Any]) -> Any:
    value = parameter.get("resolved_value")
    if value is None:
        value = parameter.get("given_value")
    if value is None:
        value = parameter.get("default_value")
    kind = parameter["type_"]
    if isinstance(value, str) and (kind.startswith("List<") or kind == "CommaDelimitedList"):
        return [each.strip() for each in value.split(",")]
    return to_number(value) if kind == "Number" else value


def _is_unknown(value: Any) -> bool:
    if isinstance(value, list):
        return any(_is_unknown(each) for each in value)
    return isinstance(value, str) and KNOWN_AFTER_APPLY in value


def _get_att(template: Template, arguments: Any) -> Any:
    if isinstance(arguments, str):
        name, _, path = arguments.partition(".")
    else:
        name, *parts = template.value(arguments)
        path = ".".join(parts)
    return template._attribute(name, path)  # noqa: SLF001 (of this module)


def _sub(template: Template, arguments: Any) -> str:
    text, given = arguments if isinstance(arguments, list) else (arguments, {})
    values = template.value(given)

    def found(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in values:
            value = values[name]
        elif "." in name:
            value = _get_att(template, name)
        else:
            value = template._ref(name)  # noqa: SLF001 (the same)
        if value is None or value is NO_VALUE:
            raise ValidationError(f"Undefined variable name in Fn::Sub string template '{name}'")
        return str(as_text(value))

    result = VARIABLE.sub(found, text)
    if _is_unknown(result):
        return KNOWN_AFTER_APPLY
    return LITERAL.sub(r"${\1}", result)


def _join(template: Template, arguments: Any) -> str:
    delimiter, values = template.value(arguments)
    if values == "":  # CDK's bootstrap template
        return ""
    if _is_unknown(values):
        return KNOWN_AFTER_APPLY
    return str(delimiter).join(str(as_text(each)) for each in values)


def _select(template: Template, arguments: Any) -> Any:
    index, values = template.value(arguments)
    if _is_unknown(values):
        return KNOWN_AFTER_APPLY
    if not isinstance(values, list) or not 0 <= int(index) < len(values):
        raise ValidationError(
            "Template error: Fn::Select requires a list argument with two elements: an integer "
            "index and a list"
        )
    return values[int(index)]


def _split(template: Template, arguments: Any) -> Any:
    delimiter, text = template.value(arguments)
    return [KNOWN_AFTER_APPLY] if _is_unknown(text) else str(text).split(delimiter)


def _find_in_map(template: Template, arguments: Any) -> Any:
    name, first, second, *more = template.value(arguments)
    found = (template.body.get("Mappings") or {}).get(name, {}).get(str(as_text(first)), {})
    if str(as_text(second)) in found:
        return template.value(found[str(as_text(second))])
    if more and "DefaultValue" in more[0]:
        return more[0]["DefaultValue"]
    raise ValidationError(f"Template error: Unable to get mapping for {name}::{first}::{second}")


def _if(template: Template, arguments: Any) -> Any:
    name, then, otherwise = arguments
    return template.value(then if template.condition(name) else otherwise)


def _equals(template: Template, arguments: Any) -> bool:
    one, other = template.value(arguments)
    return bool(as_text(one) == as_text(other))


def _zones(template: Template, arguments: Any) -> list[str]:
    region = template.value(arguments) or template.stack.region_name
    ec2 = connect_to(aws_access_key_id=template.stack.account_id, region_name=region).ec2
    return [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]]


def _import(template: Template, arguments: Any) -> Any:
    stack = template.stack
    known = cloudformation_exports(stack.account_id, stack.region_name)
    name = template.value(arguments)
    if name not in known:
        raise ValidationError(f"No export named {name} found.")
    return known[name]["Value"]


def _base64(template: Template, arguments: Any) -> str:
    return base64.b64encode(str(template.value(arguments)).encode()).decode()


_FUNCTIONS: Mapping[str, Callable[[Template, Any], Any]] = {
    "Fn::And": lambda template, each: all(template.value(each)),
    "Fn::Base64": _base64,
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _zones,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import,
    "Fn::Join": _join,
    "Fn::Not": lambda template, each: not template.value(each)[0],
    "Fn::Or": lambda template, each: any(template.value(each)),
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
