"""The contact sheet in docs/gallery: every field and every choice of a recipe is on it."""

import json
from collections.abc import Iterator
from typing import Any

from darkroom.engine.schema import Schema, recipe_file_schema
from darkroom.gallery.contact_sheet import document, sections
from localstack_init.build import PROJECT

GALLERY = PROJECT / "docs" / "gallery"
MOST_BYTES = 1_500_000
"""Of all its files: every clone pays for them."""

NEEDS_A_FILE = {("Watermark", "font")}
"""Fields that name a file which is not in the repository."""

SCHEMA = json.loads(json.dumps(recipe_file_schema()))
"""As it is in the file: lists in place of tuples."""

NOT_VISIBLE = {"Recipe", "OnTheFly", "Base"}
"""Parts of a recipe that are not about a rendition's looks."""

NEEDS_A_CLOUD = {"face", "subject"}
"""Choices that take Rekognition's labels: the sheet is rendered without them."""


def problems() -> Iterator[str]:
    """Yield each field and choice that no entry shows, and what is wrong with the entries."""
    entries = [entry for _, _, each in sections() for entry in each]
    names = [entry.name for entry in entries]
    for name in sorted({each for each in names if names.count(each) > 1}):
        yield f"darkroom/gallery/gallery.json: two entries have the name {name}. Rename one."
    shown = [
        found for entry in entries for found in _values({"$ref": "#/$defs/Recipe"}, document(entry))
    ]
    for part, definition in SCHEMA["$defs"].items():
        if part not in NOT_VISIBLE:
            yield from _missing(part, definition["properties"], shown)
    size = sum(file.stat().st_size for file in GALLERY.iterdir())
    if size > MOST_BYTES:
        yield f"docs/gallery: {size:,} bytes are more than {MOST_BYTES:,}. Show smaller images."


def _missing(
    part: str, fields: dict[str, Schema], shown: list[tuple[str, str, Any]]
) -> Iterator[str]:
    advice = "Add an entry to darkroom/gallery/gallery.json, and run make docs."
    for name, field in fields.items():
        values = [
            value for owner, field_name, value in shown if (owner, field_name) == (part, name)
        ]
        if not values and (part, name) not in NEEDS_A_FILE:
            yield f"docs/gallery: no entry has {part}.{name}. {advice}"
        # The choices of metadata are the same for all formats: JPEG's stand for them.
        if name == "metadata" and part != "Jpeg":
            continue
        for schema in (field, *field.get("anyOf", ())):
            for choice in schema.get("enum", ()):
                if choice not in values and choice not in NEEDS_A_CLOUD:
                    yield f"docs/gallery: no entry has {part}.{name} = {choice!r}. {advice}"


def _values(schema: Schema, value: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield all fields of a document: the part of the recipe, the field's name, the value."""
    if "anyOf" in schema:
        for member in schema["anyOf"]:
            if member != {"type": "null"}:
                yield from _values(member, value)
    elif "$ref" in schema and isinstance(value, dict):
        name = schema["$ref"].rpartition("/")[2]
        properties = SCHEMA["$defs"][name]["properties"]
        if "format" in value and value["format"] not in properties["format"]["enum"]:
            return
        for field, inner in value.items():
            yield name, field, inner
            yield from _values(properties[field], inner)
    elif isinstance(value, list):
        for each in value:
            yield from _values(schema.get("items", {}), each)
