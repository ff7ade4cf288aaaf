"""Attributes of resources that exist on one side of an update alone.

LocalStack evaluates both sides of ``Fn::If`` for both templates, and refuses the attribute of a
resource that the update creates or deletes: before or after it, the resource does not exist.
"""

from typing import Any

from localstack.services.cloudformation.engine.v2.change_set_model import Nothing
from localstack.services.cloudformation.engine.validations import ValidationError


def resolve_attribute(
    old: Any,
    self: Any,
    arguments: str | list[str],
    select_before: bool,  # noqa: FBT001 (LocalStack's)
) -> Any:
    """Return an attribute, or nothing if its resource exists on the other side alone."""
    try:
        return old(self, arguments, select_before)
    except ValidationError as error:
        if "Unresolved resource dependencies" not in str(error):
            raise
        if not select_before:
            old(self, arguments, True)  # noqa: FBT003 (raises if it did not exist before)
        return Nothing
