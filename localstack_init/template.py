"""Templates in YAML, with CloudFormation's short forms of its functions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from typing import Any

import yaml


class _Arguments(yaml.SafeLoader):
    """Loads ``!Function argument`` as the argument."""


class _Functions(yaml.SafeLoader):
    """Loads ``!Function argument`` as ``{"Fn::Function": argument}``."""


def read_template(text: str) -> dict[str, Any]:
    """Return a template's sections, with functions replaced by their arguments.

    Raises ``yaml.YAMLError``.
    """
    sections: dict[str, Any] = yaml.load(text, _Arguments)  # noqa: S506 (a SafeLoader)
    return sections


def read_functions(text: str) -> dict[str, Any]:
    """Return a template's sections, with functions in their long form, as JSON has them.

    Raises ``yaml.YAMLError``.
    """
    sections: dict[str, Any] = yaml.load(text, _Functions)  # noqa: S506 (a SafeLoader)
    return sections


def _argument(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, object]:
    argument = _argument(loader, node)
    if name in ("Ref", "Condition"):
        return {name: argument}
    if name == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {f"Fn::{name}": argument}


_Arguments.add_multi_constructor("!", lambda loader, _, node: _argument(loader, node))
_Functions.add_multi_constructor("!", _function)
