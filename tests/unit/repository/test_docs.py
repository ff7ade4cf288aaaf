"""The documentation says and shows what the engine does."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageSequence
from rich.console import Console

from darkroom.engine import reference
from darkroom.engine.schema import (
    Schema,
    field_docs,
    recipe_file,
)
from darkroom.gallery import contact_sheet
from darkroom.gallery.contact_sheet import (
    document,
    make_sheet,
    sections,
)
from processor.images import decode_recipe, decode_recipes, recipe
from processor.images.recipe import load_recipes
from tests.unit.processor.images.pictures import assert_similar

PROJECT = Path(__file__).parents[3]
DOCS = PROJECT / "docs"
GALLERY = DOCS / "gallery"
SCHEMA = json.loads(json.dumps(recipe_file()))
"""As it is in the file: lists in place of tuples."""
ENTRIES = [entry for _, _, entries in sections() for entry in entries]
DEFINITIONS = {name: part for name, part in SCHEMA["$defs"].items() if name != "Recipe"}
"""The parts of a rendition. What else a recipe says is not to be seen in a picture."""


def values(schema: Schema, value: Any) -> Iterator[tuple[str, str, Any]]:
    """All fields of a document, by the part of the recipe that they belong to."""
    if "anyOf" in schema:
        members = (member for member in schema["anyOf"] if member != {"type": "null"})
        for member in members:
            yield from values(member, value)
    elif "$ref" in schema and isinstance(value, dict):
        name = schema["$ref"].rpartition("/")[2]
        properties = SCHEMA["$defs"][name]["properties"]
        if "format" in value and value["format"] not in properties["format"]["enum"]:
            return
        for field, inner in value.items():
            yield name, field, inner
            yield from values(properties[field], inner)
    elif isinstance(value, list):
        for each in value:
            yield from values(schema.get("items", {}), each)


SHOWN = [
    found for entry in ENTRIES for found in values({"$ref": "#/$defs/Recipe"}, document(entry))
]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a contact sheet that was made just now."""
    folder = tmp_path_factory.mktemp("sheet")
    assert make_sheet(PROJECT / "samples" / "raccoon.jpg", folder, Console(quiet=True)) == {}
    return folder


@pytest.mark.parametrize("part", DEFINITIONS)
def test_the_gallery_shows_every_field(part: str) -> None:
    """No operation and no option is without a picture."""
    shown = {field for owner, field, _ in SHOWN if owner == part}
    assert shown == set(DEFINITIONS[part]["properties"])


@pytest.mark.parametrize(
    ("part", "field", "allowed"),
    [
        (part, field, schema["enum"])
        for part, definition in DEFINITIONS.items()
        for field, property_ in definition["properties"].items()
        for schema in (property_, *property_.get("anyOf", ()))
        # What is kept of EXIF is the same for all formats: JPEG shows it.
        if "enum" in schema and (field != "metadata" or part == "Jpeg")
    ],
)
def test_the_gallery_shows_every_choice(part: str, field: str, allowed: list[object]) -> None:
    """Where a recipe offers some words or numbers, each of them has a picture."""
    shown = [value for owner, name, value in SHOWN if (owner, name) == (part, field)]
    # The gallery is made without a cloud, where nobody finds faces.
    assert set(shown) == set(allowed) - {"face", "subject"}


def test_entries_have_files_of_their_own() -> None:
    """No two entries share a name, and so a file."""
    names = [entry.name for entry in ENTRIES]
    assert len(set(names)) == len(names)


def test_the_gallery_is_up_to_date(sheet: Path) -> None:
    """The committed page is the one that is made now; encoders may differ by some bytes."""
    committed, made = ((folder / "README.md").read_text() for folder in (GALLERY, sheet))
    assert without_measures(committed) == without_measures(made), "Stale: make docs"
    assert names_in(GALLERY) == names_in(sheet), "Stale: make docs"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_pictures_are_up_to_date(entry: contact_sheet.Entry, sheet: Path) -> None:
    """The committed pictures look like those that are made now. If not: make docs."""
    made = [file for file in sheet.iterdir() if re.split("[@.]", file.name)[0] == entry.name]
    assert made
    for file in made:
        with Image.open(file) as new, Image.open(GALLERY / file.name) as old:
            pairs = zip(ImageSequence.Iterator(new), ImageSequence.Iterator(old), strict=True)
            for one, other in pairs:
                # A little more than elsewhere: encoders of other releases are no change of ours.
                assert_similar(one.convert("RGBA"), other.convert("RGBA"), most=4)


def test_the_gallery_is_small() -> None:
    """A clone does not pay much for the pictures."""
    assert sum(file.stat().st_size for file in GALLERY.iterdir()) <= 1_500_000


def test_the_schema_is_up_to_date() -> None:
    """The committed schema is the one of the source. If not: make docs."""
    assert json.loads((DOCS / "recipe.schema.json").read_text()) == SCHEMA


def test_the_reference_is_up_to_date() -> None:
    """The tables in docs/recipes.md are those of the source. If not: make docs."""
    text = (DOCS / "recipes.md").read_text()
    assert reference.updated(text) == text


def test_the_schema_explains_fields() -> None:
    """What stands below a field in the source is its description, inherited ones included."""
    definitions = SCHEMA["$defs"]
    assert definitions["Rendition"]["properties"]["flip"]["description"] == "Mirror top and bottom."
    assert (
        "until the file is no larger"
        in definitions["Gif"]["properties"]["max_bytes"]["description"]
    )
    assert "`" in dict(field_docs(recipe.Resize))["fit"]
    assert "``" not in json.dumps(SCHEMA)


def test_examples_are_valid() -> None:
    """Every recipe in docs/recipes.md can be used as it stands there."""
    blocks = re.findall(r"```json\n(.*?)```", (DOCS / "recipes.md").read_text(), re.DOTALL)
    examples = [block for block in blocks if '"renditions"' in block]
    assert examples
    for example in examples:
        assert decode_recipe(example.encode()).renditions


def test_the_documents_name_what_there_is() -> None:
    """Links in docs/recipes.md lead to files and headings that are there."""
    text = (DOCS / "recipes.md").read_text()
    headings = {line[4:].lower() for line in text.splitlines() if line.startswith("### ")}
    for link in re.findall(r"\]\((?!https?:)(.+?)\)", text):
        if link.startswith("#"):
            assert link[1:] in headings
        else:
            assert (DOCS / link).exists(), link


def test_shipped_recipes_are_readable_and_valid() -> None:
    """They are decoded as they are by the pipeline, and stay within the width of the code."""
    document = (PROJECT / "processor" / "recipes.json").read_text()
    assert decode_recipes(document.encode()) == load_recipes()
    assert max(map(len, document.splitlines())) <= 100


def without_measures(page: str) -> str:
    """A page without what other releases of encoders change: bytes, and what analysis measures."""
    page = re.sub(r"[\d,]+ bytes</sub>|[\d,]+ bytes, ", "", page)
    return page.partition("## Analysis")[0]


def names_in(folder: Path) -> set[str]:
    """The names of all files in a folder."""
    return {file.name for file in folder.iterdir()}
