"""CONTRIBUTING.md's diagram of the layers: it equals the contracts of import-linter."""

import tomllib
from collections.abc import Iterator

from localstack_init.build import PROJECT


def problems() -> Iterator[str]:
    """Yield a problem if the diagram differs from the contracts."""
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    contracts = configuration["tool"]["importlinter"]["contracts"]
    layers = [layer for each in contracts if each["type"] == "layers" for layer in each["layers"]]
    diagram = (PROJECT / "CONTRIBUTING.md").read_text().partition("```text\ndarkroom")
    lines = f"darkroom{diagram[2].partition('```')[0]}".splitlines()
    drawn = [line.strip().split("  ")[0] for line in lines]
    if drawn != layers:
        yield (
            f"CONTRIBUTING.md: the diagram has the layers {drawn}, pyproject.toml has {layers}. "
            "Draw them in this order."
        )
