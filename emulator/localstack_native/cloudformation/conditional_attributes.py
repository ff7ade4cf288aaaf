"""Attributes of resources that exist on one side of an update alone.

LocalStack evaluates both sides of ``Fn::If`` for both templates, and refuses the attribute of a
resource that the update creates or deletes: before or after it, the resource does not exist. Here
the attribute is missing on that side, as is what functions make of it.
"""

from typing import Any, Self

from localstack.services.cloudformation.engine.v2.change_set_model import NothingType
from localstack.services.cloudformation.engine.validations import ValidationError


class _MissingType(NothingType):
    """LocalStack's sentinel for no value, which stays apart from ``AWS::NoValue``."""

    __slots__ = ()

    def __new__(cls) -> Self:
        return object.__new__(cls)


MISSING = _MissingType()


def resolve_attribute(
    old: Any,
    self: Any,
    arguments: str | list[str],
    select_before: bool,  # noqa: FBT001 (LocalStack's)
) -> Any:
    """Return an attribute, or ``MISSING`` if its resource exists on the other side alone."""
    try:
        return old(self, arguments, select_before)
    except ValidationError as error:
        if "Unresolved resource dependencies" not in str(error):
            raise
        if not select_before:
            old(self, arguments, True)  # noqa: FBT003 (raises if it did not exist before)
        return MISSING


def visit_array(old: Any, self: Any, node_array: Any) -> Any:
    """Return an array; it is missing where an element is, instead of being shorter."""
    delta = old(self, node_array)
    for element in map(self.visit, node_array.array):
        if element.before is MISSING:
            delta.before = MISSING
        if element.after is MISSING:
            delta.after = MISSING
    return delta


def apply(old: Any, self: Any, scope: Any, arguments_delta: Any, resolver: Any) -> Any:
    """Return a function's result; it is missing where an argument is."""
    delta = old(self, scope, arguments_delta, resolver)
    if arguments_delta.before is MISSING:
        delta.before = MISSING
    if arguments_delta.after is MISSING:
        delta.after = MISSING
    return delta
