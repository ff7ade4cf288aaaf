"""The reference in ``docs/recipes.md``: a table for each part of a recipe, made from its schema.

``python -m darkroom.engine.reference docs/recipes.md`` writes it between the two markers there.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from darkroom.engine.schema import Schema, recipe_file

BEGIN = "<!-- Made by `make docs` from processor/images/recipe. Do not edit. -->"
END = "<!-- The end of what `make docs` makes. -->"

KINDS = {"integer": "whole number", "boolean": "true or false", "string": "text"}
COLOR = re.compile(r"#rrggbb\w*")


def updated(document: str) -> str:
    """A document with the reference between its watermark_images."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """The tables of all parts of a recipe, from the whole to the details."""
    definitions = recipe_file()["$defs"]
    names = _in_order(definitions, "Recipe")
    return "\n".join(_section(definitions[name], definitions) for name in names)


def _in_order(definitions: dict[str, Schema], name: str) -> list[str]:
    """A part of a recipe and those within it, as they are first named."""
    found = [name]
    for part in found:
        for field in definitions[part]["properties"].values():
            for inner in _within(field):
                target = inner.get("$ref", "").rpartition("/")[2]
                if target and target not in found:
                    found.append(target)
    return found


def _section(definition: Schema, definitions: dict[str, Schema]) -> str:
    rows = [
        f"| `{name}` | {_values(field)} | {_default(name, field, definition)} "
        f"| {_meaning(field, definitions)} |"
        for name, field in definition["properties"].items()
    ]
    head = ["| field | value | default | meaning |", "|---|---|---|---|"]
    title = f"### {definition['title']}"
    return "\n".join([title, "", definition["description"], "", *head, *rows, ""])


def _meaning(field: Schema, definitions: dict[str, Schema]) -> str:
    """What the source says of a field; where it says nothing, what it says of the part there."""
    targets = [inner["$ref"].rpartition("/")[2] for inner in _within(field) if "$ref" in inner]
    if "description" in field or len(targets) != 1:
        # How colors are written stands among the values.
        return str(field.get("description", "")).partition("#rrggbb")[0].rstrip()
    return str(definitions[targets[0]]["description"].partition("\n")[0])


def _values(field: Schema) -> str:
    """What a field may hold, in words."""
    words = " or ".join(dict.fromkeys(_value(schema) for schema in _within(field)))
    return f"list of {words}" if field.get("type") == "array" else words


def _within(field: Schema) -> Iterator[Schema]:
    """The members of a union but null; of a list, what it is made of."""
    if "anyOf" in field:
        for member in field["anyOf"]:
            yield from _within(member)
    elif field.get("type") == "array":
        yield from _within(field["items"])
    elif field.get("type") != "null":
        yield field


def _value(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    kind = KINDS.get(schema["type"]) or str(schema["type"])
    if schema["type"] in {"integer", "number"}:
        return " ".join(filter(None, [kind, _range(schema)]))
    if colors := COLOR.findall(schema.get("description", "")):
        return " or ".join(f"`{each}`" for each in colors)
    return kind + _length(schema)


def _range(schema: Schema) -> str:
    bounds = (
        ("minimum", "from"),
        ("exclusiveMinimum", "above"),
        ("maximum", "to" if "minimum" in schema else "up to"),
    )
    return " ".join(f"{word} {schema[bound]:,}" for bound, word in bounds if bound in schema)


def _length(schema: Schema) -> str:
    return f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""


def _default(name: str, field: Schema, definition: Schema) -> str:
    if name in definition.get("required", ()):
        return "needed"
    default = field.get("default")
    return "" if default is None else f"`{json.dumps(default)}`"


def main() -> None:
    """Write the reference into the file that is named."""
    file = Path(sys.argv[1])
    file.write_text(updated(file.read_text()))


if __name__ == "__main__":
    main()
