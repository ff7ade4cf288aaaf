"""Checks responses against docs/reference/openapi.yaml."""

import json
import re
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCS = Path(__file__).parents[4] / "docs"
DOCUMENT = "urn:darkroom:openapi.yaml"
RECIPES = "urn:darkroom:recipe.schema.json"

FORMATS = FormatChecker(())


@FORMATS.checks("date-time", ValueError)
def is_time(text: object) -> bool:
    """Return whether a text is a time with a zone."""
    return datetime.fromisoformat(str(text)).tzinfo is not None


@FORMATS.checks("uri")
def is_uri(text: object) -> bool:
    """Return whether a text is a URL of valid characters."""
    return re.fullmatch(r"https?://[!-~]+", str(text)) is not None


class Contract:
    """The OpenAPI document with resolved references."""

    def __init__(self) -> None:
        text = (DOCS / "reference" / "openapi.yaml").read_text()
        # The document refers to other files by name; JSON Schema needs absolute URIs.
        self.document = yaml.safe_load(text.replace("recipe.schema.json#", f"{RECIPES}#"))
        recipes = json.loads((DOCS / "reference" / "recipe.schema.json").read_text())
        del recipes["$id"]
        self.registry: Registry[Any] = Registry().with_resources(
            [
                (DOCUMENT, Resource.from_contents(self.document, DRAFT202012)),
                (RECIPES, Resource.from_contents(recipes, DRAFT202012)),
            ]
        )
        self.validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The operations by method and path."""
        return {
            (method.upper(), path): operation
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
            if method != "parameters"
        }

    def check(
        self, method: str, path: str, status: int, headers: dict[str, str], body: object
    ) -> None:
        """Fail unless the document allows the response."""
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        if status == 204:
            assert (method, body) == ("OPTIONS", None)
            return
        operation = self.operations.get((method, path))
        if operation and status == 304:
            assert (body, "304" in operation["responses"]) == (None, True)
            return
        if operation and status < 400:
            assert headers["Content-Type"] == "application/json"
            content = operation["responses"][str(status)]["content"]["application/json"]
            self.validate(content["schema"]["$ref"].rpartition("/")[2], body)
            return
        assert headers["Content-Type"] == "application/problem+json"
        self.validate("Problem", body)
        assert isinstance(body, dict)
        assert body["status"] == status
        # The response `default` covers 405, 500 and 503, which any request may get.
        documented = operation["responses"] if operation else {}
        assert str(status) in documented or status in (405, 500, 503) or not operation

    def validate(self, name: str, content: object) -> None:
        """Fail unless the content is valid by the schema of that name."""
        if name not in self.validators:
            self.validators[name] = Draft202012Validator(
                {"$ref": f"{DOCUMENT}#/components/schemas/{name}"},
                registry=self.registry,
                format_checker=FORMATS,
            )
        self.validators[name].validate(content)
