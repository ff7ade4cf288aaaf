"""What an update changes: resources that are added, modified, replaced or removed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localstack.services.cloudformation.engine.validations import ValidationError
from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor
from localstack.utils.objects import get_value_from_path

from localstack_native.cloudformation.intrinsics import (
    KNOWN_AFTER_APPLY,
    Template,
    as_text,
    references,
)
from localstack_native.cloudformation.replacement import Rules, rules_of
from localstack_native.cloudformation.tags import with_stack_tags

ATTRIBUTES = ("Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
"""Attributes of a resource whose changes a change set shows as its scope."""


def order(definitions: Mapping[str, Any]) -> list[str]:
    """Return the names of resources, each after those that it refers to or depends on."""
    ordered: dict[str, None] = {}
    visiting: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name in visiting:
            cycle = ", ".join(sorted(visiting[visiting.index(name) :]))
            raise ValidationError(f"Circular dependency between resources: [{cycle}]")
        visiting.append(name)
        depends = definitions[name].get("DependsOn") or []
        for each in [depends] if isinstance(depends, str) else depends:
            if each in definitions:
                visit(each)
        for each in references(definitions[name].get("Properties")):
            if each in definitions:
                visit(each)
        visiting.pop()
        ordered[name] = None

    for name in definitions:
        visit(name)
    return list(ordered)


def deletion_order(records: Iterable[str], definitions: Mapping[str, Any]) -> list[str]:
    """Return the names of existing resources, each before those that it refers to or depends on.

    Those that a failed update created are not in the stack's template; they come first.
    """
    known = {name: definitions[name] for name in records if name in definitions}
    others = [name for name in records if name not in known]
    return [*reversed(others), *reversed(order(known))]


def normalized(value: Any) -> Any:
    """Return a value with all scalars as strings, in which CloudFormation sees no difference."""
    match value:
        case dict():
            return {key: normalized(each) for key, each in value.items()}
        case list():
            return [normalized(each) for each in value]
    return as_text(value)


def changed_properties(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the properties that differ."""
    return sorted(
        name
        for name in {**before, **after}
        if normalized(before.get(name)) != normalized(after.get(name))
    )


def rules_for(kind: str) -> Rules:
    """Return a resource type's rules of replacement."""
    return rules_of(kind, ResourceProviderExecutor.try_load_resource_provider(kind))


@dataclass(slots=True)
class Change:
    """One resource that an update changes."""

    action: str
    """Add, Modify or Remove."""
    name: str
    kind: str
    physical_id: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    properties: list[str] = field(default_factory=list)
    """The properties that a modification changes."""
    attributes: list[str] = field(default_factory=list)
    """The attributes beside the properties that it changes."""
    replaced_by: list[str] = field(default_factory=list)
    """Those of the properties whose change requires replacement."""
    unknown: list[str] = field(default_factory=list)
    """Those whose value the execution determines."""

    @property
    def replacement(self) -> str:
        """Whether the resource is replaced: True, False, or Conditional on an unknown value."""
        if set(self.replaced_by) - set(self.unknown):
            return "True"
        return "Conditional" if self.replaced_by else "False"


class Recorded:
    """The resources of a stack as they are recorded, and those that an update replaces."""

    def __init__(self, records: Mapping[str, Any]) -> None:
        self.records = records
        self.unknown: set[str] = set()

    def ref(self, name: str) -> Any:
        """Return the physical id of a resource."""
        if name in self.unknown or name not in self.records:
            return KNOWN_AFTER_APPLY
        return self.records[name].get("PhysicalResourceId")

    def attribute(self, name: str, path: str) -> Any:
        """Return an attribute of a resource."""
        if name in self.unknown or name not in self.records:
            return KNOWN_AFTER_APPLY
        return get_value_from_path(self.records[name].get("Properties", {}), path)


def specified(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that a resource was last created or updated with."""
    return dict(record.get("SpecifiedProperties", record.get("Properties")) or {})


def plan(stack: Any, change_set: Any) -> list[Change]:
    """Return what a change set changes in a stack, in the order of the new template."""
    resources = Recorded(stack.resolved_resources)
    body = change_set.processed_template or change_set.template
    template = Template(body, change_set.resolved_parameters or {}, stack, resources)
    definitions = template.definitions()
    found: dict[str, Change] = {}
    for name in order(definitions):
        change = _change(name, definitions[name], template, resources, stack, change_set)
        if change:
            found[name] = change
            if change.action == "Add" or change.replaced_by:
                resources.unknown.add(name)
    removed = [
        Change("Remove", name, each["Type"], each.get("PhysicalResourceId"), specified(each))
        for name, each in stack.resolved_resources.items()
        if name not in definitions
    ]
    return [found[name] for name in definitions if name in found] + removed


def _change(
    name: str,
    definition: Mapping[str, Any],
    template: Template,
    resources: Recorded,
    stack: Any,
    change_set: Any,
) -> Change | None:
    kind = definition["Type"]
    after = with_stack_tags(kind, template.properties(name), change_set.tags)
    record = resources.records.get(name)
    if record is None:
        return Change("Add", name, kind, after=after)
    if record["Type"] != kind:
        raise ValidationError(
            "Update of resource type is not permitted. The new template modifies resource type of "
            f"the following resources: [{name}]"
        )
    before = specified(record)
    old = ((stack.processed_template or stack.template or {}).get("Resources") or {}).get(name, {})
    change = Change("Modify", name, kind, record.get("PhysicalResourceId"), before, after)
    change.properties = changed_properties(before, after)
    change.attributes = [each for each in ATTRIBUTES if old.get(each) != definition.get(each)]
    change.unknown = [each for each in change.properties if _has_unknown(after.get(each))]
    if change.properties:
        rules = rules_for(kind)
        change.replaced_by = [each for each in change.properties if each in rules.replaced_by]
    return change if change.properties or change.attributes else None


def _has_unknown(value: Any) -> bool:
    match value:
        case dict():
            return any(_has_unknown(each) for each in value.values())
        case list():
            return any(_has_unknown(each) for each in value)
    return isinstance(value, str) and KNOWN_AFTER_APPLY in value
