"""docs/reference/api.md: its table has every route of docs/reference/openapi.yaml."""

import re
from collections.abc import Iterator

import yaml

from localstack_init.build import PROJECT

from .markdown import unequal

PATH = "docs/reference/api.md"
CONTRACT = "docs/reference/openapi.yaml"


def problems() -> Iterator[str]:
    """Yield each route that only the page or only the contract has."""
    routes = {
        f"{method.upper()} {path}"
        for path, methods in yaml.safe_load((PROJECT / CONTRACT).read_text())["paths"].items()
        for method in methods
        if method != "parameters"
    }
    named = re.findall(r"^\| `([A-Z]+ /\S+)` \|", (PROJECT / PATH).read_text(), re.MULTILINE)
    yield from unequal(PATH, "route", named, routes)
