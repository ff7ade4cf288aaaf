"""A resource whose properties are applied one by one."""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

from localstack_native.cloudformation.planning import changed_properties

type Properties = dict[str, Any]
type Apply = Callable[[Any, Properties, Any], None]
"""Sets a property of a resource: of clients, the resource's properties, and the value or None."""


class AppliedProperties:
    """A resource provider that applies properties by one call each.

    It extends one of LocalStack's, which creates and deletes the resource.
    """

    APPLY: ClassVar[Mapping[str, Apply]] = {}
    """How a property is set, or reset if its value is None."""
    DROPPED: ClassVar[Iterable[str]] = ()
    """The properties that LocalStack's creation drops."""

    def create(self, request: Any) -> Any:
        """Create the resource with all of its properties, or not at all."""
        event = super().create(request)  # type: ignore[misc]  # LocalStack's
        if event.status == OperationStatus.SUCCESS:
            model = event.resource_model
            try:
                self.complete(request, model)
            except Exception:
                request.desired_state = request.previous_state = model
                self.delete(request)  # type: ignore[attr-defined]  # LocalStack's
                raise
        return event

    def complete(self, request: Any, model: Properties) -> None:
        """Apply what the creation dropped."""
        for name in self.DROPPED:
            if name in model:
                value = copy.deepcopy(model[name])
                self.APPLY[name](request.aws_client_factory, model, value)

    def update(self, request: Any) -> Any:
        """Apply each property that differs."""
        model = request.desired_state
        for name in changed_properties(request.previous_state, model):
            if name in self.APPLY:
                value = copy.deepcopy(model.get(name))
                self.APPLY[name](request.aws_client_factory, model, value)
        return done(model)


def done(model: Properties) -> ProgressEvent[Properties]:
    """Return the event of a completed operation."""
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


def tag_map(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Return a template's tags as a map."""
    return {each["Key"]: str(each["Value"]) for each in tags or ()}


def retag(
    before: Iterable[Mapping[str, str]] | None,
    after: Iterable[Mapping[str, str]] | None,
    tag: Callable[[dict[str, str]], Any],
    untag: Callable[[list[str]], Any],
) -> None:
    """Change tags from those before to those after."""
    had, wanted = tag_map(before), tag_map(after)
    if gone := sorted(had.keys() - wanted.keys()):
        untag(gone)
    if new := {name: value for name, value in wanted.items() if had.get(name) != value}:
        tag(new)


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a map of tags as a list."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]
