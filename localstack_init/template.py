"""Template reader: a template's sections, with intrinsic functions replaced by their arguments."""

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Loads ``!Function argument`` as the argument."""


def read_template(text: str) -> dict[str, Any]:
    """Return a template's sections. Raises ``yaml.YAMLError``."""
    sections: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader)
    return sections


def _plain(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]


_Loader.add_multi_constructor("!", lambda loader, _, node: _plain(loader, node))
