"""Recipes by their names: those that ship with Darkroom, and those in anybody's file."""

import json
from dataclasses import dataclass
from pathlib import Path

from processor.images import Recipe, decode_recipe, decode_recipes, load_recipes
from processor.storage.watermark_images import ASSETS

DEFAULT = "default"
"""The recipe that is meant where none is named."""


class RecipeError(Exception):
    """There is no such recipe, or it is not valid. Says what there is, or what is allowed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A recipe, and where the pictures lie that it lays over others."""

    recipe: Recipe
    folder: Path

    def read_watermark_image(self, name: str) -> bytes:
        """The picture of an image watermark: beside the recipe file, or in ``assets`` there.

        Raises ``LookupError`` and ``OSError``.
        """
        if name.startswith(("raw:", "processed:", "site:")):
            raise LookupError(f"{name!r} is in a bucket: only the deployed pipeline reads it")
        for folder in (self.folder, self.folder / ASSETS.name):
            file = folder / name
            if file.resolve().is_relative_to(folder.resolve()) and file.is_file():
                return file.read_bytes()
        raise LookupError(f"there is no file {name!r} in {self.folder}")


def find(wanted: str) -> Found:
    """The recipe that ``NAME``, ``FILE`` or ``FILE#NAME`` means. Raises ``RecipeError``.

    A file of several recipes needs no name where one of them is called ``default``.
    """
    shipped = load_recipes()
    if wanted in shipped:
        return Found(shipped[wanted], ASSETS.parent)
    path, name = Path(wanted), ""
    if not path.is_file():
        before, _, name = wanted.rpartition("#")
        path = Path(before)
    if not path.is_file():
        raise RecipeError(
            f"There is no recipe {wanted!r}, and no such file. Recipes: {listed(shipped)}."
        )
    recipes = read(path)
    if isinstance(recipes, Recipe):
        if name:
            raise RecipeError(f"{path} holds one recipe, without a name: leave out #{name}.")
        return Found(recipes, path.parent)
    if not name:
        name = next(iter(recipes)) if len(recipes) == 1 else DEFAULT
        if name not in recipes:
            raise RecipeError(
                f"{path} holds several recipes: {listed(recipes)}. Choose one, as in "
                f"{path}#{min(recipes)}."
                if recipes
                else f"{path} holds no recipe."
            )
    if name not in recipes:
        raise RecipeError(f"{path} has no recipe {name!r}. It has: {listed(recipes)}.")
    return Found(recipes[name], path.parent)


def read(path: Path) -> Recipe | dict[str, Recipe]:
    """What a file holds: one recipe, or several with their names. Raises ``RecipeError``."""
    try:
        document = path.read_bytes()
        whole = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"{path} is not JSON: {error}") from error
    try:
        if isinstance(whole, dict) and isinstance(whole.get("renditions"), list):
            return decode_recipe(document)
        return decode_recipes(document)
    except ValueError as error:
        raise RecipeError(f"{path}: {error}") from error


def named(name: str) -> Recipe:
    """A shipped recipe. Raises ``RecipeError``."""
    shipped = load_recipes()
    if name not in shipped:
        raise RecipeError(f"There is no recipe {name!r}. There are: {listed(shipped)}.")
    return shipped[name]


def listed(recipes: dict[str, Recipe]) -> str:
    """Their names, for a sentence."""
    return ", ".join(sorted(recipes))
