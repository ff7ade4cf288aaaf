"""Projection expressions that read only the named attributes.

moto converts the whole item once for each path.
"""

import re
from typing import Any

from moto.dynamodb.models.dynamo_type import DDBType, DynamoType

from localstack_native.dynamodb.storage import new_item

Path = list[str]

_ELEMENT = re.compile(r"(.+)\[\d+\]$")
"""A path element with a list index."""


def project(original: Any, item: Any, projection_expressions: list[Path]) -> Any:
    """Return an item with only these paths; it shares its values with the original item."""
    paths = projection_expressions
    if _are_plain(paths):
        attributes: dict[str, Any] = {}
        for path in paths:
            _add(attributes, path, item.attrs)
        return new_item(item.hash_key, item.range_key, attributes)
    names = {name for path in paths for name in _names(path[0])}
    attributes = {name: item.attrs[name] for name in names if name in item.attrs}
    return original(new_item(item.hash_key, item.range_key, attributes), paths)


def _are_plain(paths: list[Path]) -> bool:
    """Return whether no path has a list index or continues another path."""
    if any(_ELEMENT.match(name) for path in paths for name in path):
        return False
    ends = {tuple(path) for path in paths}
    return not any(tuple(path[:count]) in ends for path in paths for count in range(1, len(path)))


def _names(name: str) -> list[str]:
    element = _ELEMENT.match(name)
    return [name, element[1]] if element else [name]


def _add(found: dict[str, Any], path: Path, content: dict[str, Any]) -> None:
    """Add the value at a path of ``content``, inside its parent maps, if it exists."""
    steps = []
    for name in path:
        if name not in content:
            return
        value = content[name]
        steps.append(name)
        content = value.value if value.type == DDBType.MAP else {}
    for name in steps[:-1]:
        found = found.setdefault(name, DynamoType({DDBType.MAP: {}})).value
    found[steps[-1]] = value
