"""Recipe error messages."""

import json
from typing import Any

import msgspec
import pytest

from processor.catalog.metadata import Edit
from processor.images.recipe.document import Recipe, decode_recipe, decode_recipes
from processor.images.recipe.explain import explain

PNG = {"name": "a", "output": {"format": "png"}}
RENDITION = r"`\$\.renditions\[0\]"
FORMATS = "'jpeg', 'png', 'webp', 'avif', 'gif', 'auto'"


def complaint(kind: Any, document: object) -> str:
    """Return the message for a document that is not of this type."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(json.dumps(document).encode(), type=kind)
    sentence = explain(caught.value, kind)
    assert sentence.startswith(str(caught.value))
    return sentence.removeprefix(str(caught.value))


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        (
            {"resize": {"width": 3, "fit": "cver"}},
            "; allowed: 'contain', 'cover', 'fill', 'inside', 'outside'; did you mean 'cover'?",
        ),
        ({"median": 4}, "; allowed: 3, 5, 7, 9"),
        ({"output": {"format": "jpg"}}, f"; allowed: {FORMATS}; did you mean 'jpeg'?"),
        ({"output": {"format": "tiff"}}, f"; allowed: {FORMATS}"),
        ({"output": {}}, f"; allowed for `format`: {FORMATS}"),
        (
            {"output": {"format": "png", "metadata": "all"}},
            "; allowed: 'keep', 'keep-copyright', 'strip'",
        ),
        ({"trim": {"tolrance": 3}}, "; allowed fields: `tolerance`; did you mean `tolerance`?"),
        ({"trim": 3}, "; allowed fields: `tolerance`"),
        ({"tint": {"color": "red"}}, "; allowed: #rrggbb"),
        (
            {"rotate": {"angle": 3, "background": "red"}},
            "; allowed: #rrggbb, or #rrggbbaa with opacity: #00000000 is transparent",
        ),
        ({"rotate": {}}, "; allowed for `angle`: -360 to 360"),
        ({"output": {"format": "jpeg", "quality": 101}}, "; allowed: 1 to 100"),
        ({"blur": 300}, "; allowed: above 0, up to 250"),
        ({"blur": "3"}, "; allowed: above 0, up to 250"),
        ({"watermark": {"text": ""}}, "; allowed: 1 to 200 characters"),
        ({"densities": []}, "; allowed: 1 to 4 items"),
        ({"densities": [0.5]}, "; allowed: 1 to 4"),
        ({"crop": {"left": -1, "top": 0, "width": 1, "height": 1}}, ""),
        ({"grayscale": 1}, ""),
    ],
)
def test_says_what_is_allowed(wrong: dict[str, Any], allowed: str) -> None:
    """The message lists the allowed values, range or pattern, and the closest value for a typo."""
    recipe = {"renditions": [{**PNG, **wrong}]}
    assert complaint(Recipe, recipe) == allowed
    assert complaint(dict[str, Recipe], {"mine": recipe}) == allowed


def test_lists_the_fields_of_a_rendition() -> None:
    """For an unknown field, the message lists the known ones in their order."""
    sentence = complaint(Recipe, {"renditions": [{**PNG, "blurr": 3}]})
    assert sentence.startswith("; allowed fields: `name`, `output`, `densities`, `trim`, ")
    assert sentence.endswith("; did you mean `blur`?")


def test_lists_the_fields_of_all_formats() -> None:
    """The place doesn't tell the format, so the fields of all formats are listed."""
    sentence = complaint(Recipe, {"renditions": [{**PNG, "output": {"format": "webp", "qual": 1}}]})
    assert sentence.endswith("; did you mean `quality`?")
    assert sentence.count("`dither`") == 1
    assert all(
        f"`{field}`" in sentence for field in ("format", "lossless", "encoder", "subsampling")
    )


@pytest.mark.parametrize(
    "wrong", [{"densities": [2, 2]}, {"watermark": {}}, {"resize": {"fit": "cover"}}]
)
def test_adds_nothing_to_our_own_words(wrong: dict[str, Any]) -> None:
    """Messages of our own checks are unchanged."""
    assert complaint(Recipe, {"renditions": [{**PNG, **wrong}]}) == ""


@pytest.mark.parametrize("document", [b"", b"{", b"nonsense"])
def test_documents_that_are_no_json(document: bytes) -> None:
    """Messages about invalid JSON are unchanged."""
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(document, type=Recipe)
    assert explain(caught.value, Recipe) == str(caught.value)


def test_reading_a_recipe_explains() -> None:
    """Decoding a recipe raises the message with the place and what is allowed there."""
    recipe = {"renditions": [{**PNG, "median": 4}]}
    with pytest.raises(ValueError, match=RENDITION + r"\.median`; allowed: 3, 5, 7, 9$"):
        decode_recipe(json.dumps(recipe).encode())
    with pytest.raises(ValueError, match=r"median`; allowed: 3, 5, 7, 9$"):
        decode_recipes(json.dumps({"mine": recipe}).encode())


def test_names_of_a_mapping() -> None:
    """A wrong name in a mapping is explained by what names may be, not by fields of the whole."""
    sentence = complaint(Edit, {"fields": {"Taken by": "Ada"}})
    assert sentence == "; allowed: up to 40 of a-z, 0-9, - and _, the first a letter"
    assert complaint(Edit, {"title": "x" * 201}) == (
        "; allowed: up to 200 characters, without control characters"
    )
