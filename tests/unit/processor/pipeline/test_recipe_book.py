"""Recipes by what changes and catalog entries say of them."""

import pytest

from processor.errors import PermanentError
from processor.images import load_recipes
from processor.pipeline.recipe_book import RecipeBook

BOOK = RecipeBook(load_recipes())
OWN = '{"renditions": [{"name": "own", "output": {"format": "png"}}]}'


def test_a_recipe_by_its_name() -> None:
    """A name stands for the recipe that is known by it."""
    assert BOOK.find("avatar") is BOOK.named["avatar"]


def test_a_recipe_that_is_written_out() -> None:
    """A JSON document is the recipe itself."""
    assert [each.name for each in BOOK.find(OWN).renditions] == ["own"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("nosuch", "There is no recipe 'nosuch'. The recipes are: avatar, default"),
        ("AVATAR", "There is no recipe 'AVATAR'. Did you mean 'avatar'? The recipes are: avatar"),
        ("defualt", "Did you mean 'default'?"),
        ("", "There is no recipe ''"),
        ("{", "Not a valid recipe"),
        (OWN.replace("png", "bmp"), "allowed: 'jpeg', 'png', 'webp', 'avif', 'gif', 'auto'"),
        ('{"renditions": []}', "1"),
    ],
)
def test_a_recipe_that_there_is_not(wanted: str, words: str) -> None:
    """The error says what there is, or what is allowed, and the book does not have it."""
    with pytest.raises(PermanentError) as caught:
        BOOK.find(wanted)
    assert caught.value.code == "unknown-recipe"
    assert words in caught.value.message
    assert not BOOK.has(wanted)


def test_no_recipe_is_none_of_the_book() -> None:
    """What names no recipe has none here; what the book finds, it has."""
    assert not BOOK.has(None)
    assert BOOK.has("default")
    assert BOOK.has(OWN)
