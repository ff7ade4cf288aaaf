"""The JSON Schema of a recipe file, for editors and for the reference in ``docs/recipes.md``.

msgspec makes the schema of the recipe's types. It knows neither the strings below their fields,
which say what a field means, nor that a file may hold one recipe as well as several.
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
"""The dialect that msgspec writes."""


def recipe_file() -> Schema:
    """The schema of a file that holds one recipe, or several with their names."""
    (one,), definitions = msgspec.json.schema_components([Recipe], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        _describe(definition, getattr(recipe, name))
    return {
        "$schema": URL,
        "$id": "urn:darkroom:recipe-file",
        "title": "Darkroom recipe file",
        "description": "One recipe, or an object that maps names to recipes. A recipe lists the "
        "renditions to make of a picture. Made from the source by `make docs`.",
        "type": "object",
        # So an editor's complaint is about the kind of file that is being written.
        "if": {"properties": {"renditions": {"type": "array"}}, "required": ["renditions"]},
        "then": one,
        "else": {"additionalProperties": one},
        "$defs": definitions,
    }


def _describe(definition: Schema, struct: type) -> None:
    """Add what the source says of a type and of its fields."""
    definition["description"] = plain(definition["description"])
    meanings = dict(field_docs(struct))
    for field, schema in definition["properties"].items():
        # What may be null has the description of its values one level below.
        members = [schema, *schema.get("anyOf", [])]
        values = next((each["description"] for each in members if "description" in each), "")
        if meaning := " ".join(filter(None, [meanings.get(field, ""), values])):
            schema["description"] = meaning


def field_docs(struct: type) -> Iterator[tuple[str, str]]:
    """The fields of a class, inherited ones first, with the strings that stand below them."""
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
    """A docstring as Markdown: paragraphs without line breaks, code in single backquotes."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", docstring))
    return "\n\n".join(paragraphs).replace("``", "`")
