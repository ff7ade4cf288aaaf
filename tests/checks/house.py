"""The README's picture of the house: it draws the layers that import-linter holds."""

import tomllib
from collections.abc import Iterator

from localstack_init.build import PROJECT


def problems() -> Iterator[str]:
    """Yield the layers that the picture does not draw in their place."""
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    contracts = configuration["tool"]["importlinter"]["contracts"]
    layers = [layer for each in contracts if each["type"] == "layers" for layer in each["layers"]]
    picture = (PROJECT / "README.md").read_text().partition("```text\ndarkroom")
    lines = f"darkroom{picture[2].partition('```')[0]}".splitlines()
    drawn = [line.strip().split("  ")[0] for line in lines]
    if drawn != layers:
        yield (
            f"README.md: the picture of the house has the layers {drawn}, pyproject.toml has "
            f"{layers}. Draw them in this order."
        )
