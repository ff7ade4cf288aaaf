"""`darkroom recipes`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from darkroom.errors import CommandError
from tests.unit.darkroom.commands.running import ONE, SEVERAL, run


def test_recipes_are_listed() -> None:
    """The table has the size, the format and the operations of each rendition."""
    text = run("recipes").stdout
    assert "avatar" in text
    assert "small small@2x" in text
    assert "circle" in text
    assert "300×300 cover" in text


def test_a_recipe_in_full(recipes: Callable[[object], Path]) -> None:
    """A recipe is printed by its name, as JSON that is a valid recipe file."""
    document = json.loads(run("recipes", "b", "--file", recipes(SEVERAL)).stdout)
    assert document == SEVERAL["b"]
    with pytest.raises(CommandError, match="The recipes are a, b"):
        run("recipes", "c", "--file", recipes(SEVERAL))
    with pytest.raises(CommandError, match="without a name"):
        run("recipes", "c", "--file", recipes(ONE))


def test_the_one_recipe_of_a_file(recipes: Callable[[object], Path]) -> None:
    """It is listed under the name of its file."""
    assert "mine.json" in run("recipes", "--file", recipes(ONE)).stdout


def test_the_schema_is_printed() -> None:
    """--schema prints JSON and nothing else."""
    assert json.loads(run("recipes", "--schema").stdout)["$defs"]["Rendition"]
