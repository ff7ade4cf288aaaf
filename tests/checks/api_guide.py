"""docs/api.md: its tables have every route and every error code of docs/openapi.yaml."""

import re
from collections.abc import Iterator
from typing import get_args

import yaml

from localstack_init.build import PROJECT
from processor.api.http.problems import Code

from .markdown import code_spans, rows, section

PATH = PROJECT / "docs" / "api.md"
GATEWAY_CODES = {"forbidden", "unauthorized", "throttled"}


def problems() -> Iterator[str]:
    """Yield each route and code that only the page or only the contract has."""
    page = PATH.read_text()
    contract = yaml.safe_load((PROJECT / "docs" / "openapi.yaml").read_text())
    routes = {
        f"{method.upper()} {path}"
        for path, methods in contract["paths"].items()
        for method in methods
        if method != "parameters"
    }
    yield from _unequal("route", set(re.findall(r"\| `([A-Z]+ /\S+)` \|", page)), routes)
    codes = {
        code
        for row in rows(section(page, "Errors"))
        for code in code_spans(row[1])
        if re.fullmatch("[a-z]+(-[a-z]+)*", code)
    }
    yield from _unequal("code", codes, set(get_args(Code)) | GATEWAY_CODES)


def _unequal(kind: str, named: set[str], defined: set[str]) -> Iterator[str]:
    for each in sorted(named - defined):
        yield f"docs/api.md: the API has no {kind} {each}. Remove it."
    for each in sorted(defined - named):
        yield f"docs/api.md: the {kind} {each} is missing. Add it."
