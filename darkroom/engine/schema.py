"""The JSON Schema of a recipe file, for editors and for ``docs/reference/recipes.md``.

msgspec derives the schema from the recipe's types. Added here: the fields' descriptions, which are
the strings below them in the source, and the choice between one recipe and several.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import msgspec

from processor.images import Recipe, recipe

Schema = dict[str, Any]

URL = "https://json-schema.org/draft/2020-12/schema"
"""The dialect of msgspec."""


def recipe_file_schema() -> Schema:
    """Return the schema of a file that holds one recipe, or several by name."""
    (one,), definitions = msgspec.json.schema_components([Recipe], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        _describe(definition, getattr(recipe, name))
    return {
        "$schema": URL,
        "$id": "urn:darkroom:recipe-file",
        "title": "Darkroom recipe file",
        "description": "One recipe, or an object that maps names to recipes. A recipe lists the "
        "renditions of an image. Generated from the source by `make docs`.",
        "type": "object",
        # An editor then reports the errors of the kind of file that is being written.
        "if": {"properties": {"renditions": {"type": "array"}}, "required": ["renditions"]},
        "then": one,
        "else": {"additionalProperties": one},
        "$defs": definitions,
    }


def _describe(definition: Schema, struct: type) -> None:
    """Add the descriptions of a type and of its fields."""
    definition["description"] = plain(definition["description"])
    meanings = dict(field_docs(struct))
    for field, schema in definition["properties"].items():
        # A union with null has the description of its values one level below.
        members = [schema, *schema.get("anyOf", [])]
        values = next((each["description"] for each in members if "description" in each), "")
        if meaning := " ".join(filter(None, [meanings.get(field, ""), values])):
            schema["description"] = meaning


def field_docs(struct: type) -> Iterator[tuple[str, str]]:
    """Yield the fields of a class with the strings below them, inherited fields first."""
    for owner in reversed(struct.__mro__):
        if not owner.__module__.startswith(recipe.__name__):
            continue
        (body,) = ast.parse(dedent(inspect.getsource(owner))).body
        assert isinstance(body, ast.ClassDef)  # noqa: S101  # the source of a class
        for field, below in zip(body.body, body.body[1:], strict=False):
            match field, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(meaning))),
                ):
                    yield name, plain(meaning)


def plain(docstring: str) -> str:
    """Return a docstring as Markdown: paragraphs on one line, code in single backquotes."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", docstring))
    return "\n\n".join(paragraphs).replace("``", "`")
