"""The JSON Schema of recipe files."""

import json

from darkroom.engine.schema import field_docs, recipe_file_schema
from processor.images import recipe

SCHEMA = recipe_file_schema()


def test_the_schema_explains_fields() -> None:
    """The docstring below a field in the source is its description, inherited fields included."""
    definitions = SCHEMA["$defs"]
    flip = definitions["Rendition"]["properties"]["flip"]["description"]
    assert flip == "Mirror vertically: exchange top and bottom."
    assert (
        "until the file is no larger"
        in definitions["Gif"]["properties"]["max_bytes"]["description"]
    )
    assert "`" in dict(field_docs(recipe.Resize))["fit"]
    assert "``" not in json.dumps(SCHEMA)
