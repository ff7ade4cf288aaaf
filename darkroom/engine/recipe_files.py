"""Recipes by name: those of the pipeline, and those in a file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from darkroom.errors import CommandError
from processor.change import DEFAULT_RECIPE
from processor.images import (
    ImageError,
    Recipe,
    WatermarkImages,
    decode_recipe,
    decode_recipes,
    load_recipes,
)
from processor.storage.watermark_images import ASSETS


@dataclass(frozen=True, slots=True)
class Found:
    """A recipe, and the folder of its watermark images."""

    recipe: Recipe
    folder: Path

    def read_watermark_image(self, name: str) -> bytes:
        """Return a watermark image from the recipe file's folder, or from ``assets`` in it.

        Raises ``LookupError`` and ``OSError``.
        """
        if name.startswith(("raw:", "processed:", "site:")):
            raise LookupError(f"{name!r} is in a bucket, which only the deployed pipeline reads")
        for folder in (self.folder, self.folder / ASSETS.name):
            file = folder / name
            if file.resolve().is_relative_to(folder.resolve()) and file.is_file():
                return file.read_bytes()
        raise LookupError(f"there is no file {name!r} in {self.folder}")


def find(text: str) -> Found:
    """Return the recipe ``NAME`` of the pipeline, or that of ``FILE`` or ``FILE#NAME``.

    A file of several recipes needs no name if one of them is ``default``. Raises ``CommandError``.
    """
    pipeline = load_recipes()
    if text in pipeline:
        return Found(pipeline[text], ASSETS.parent)
    path, name = Path(text), ""
    if not path.is_file():
        before, _, name = text.rpartition("#")
        path = Path(before)
    if not path.is_file():
        raise CommandError(
            f"There is no recipe and no file {text!r}. The recipes are {_listed(pipeline)}."
        )
    recipes = read(path)
    if isinstance(recipes, Recipe):
        if name:
            raise CommandError(f"{path} contains one recipe without a name. Omit #{name}.")
        return Found(recipes, path.parent)
    if not recipes:
        raise CommandError(f"{path} contains no recipe.")
    if not name:
        name = next(iter(recipes)) if len(recipes) == 1 else DEFAULT_RECIPE
        if name not in recipes:
            raise CommandError(
                f"{path} contains several recipes: {_listed(recipes)}. Choose one, such as "
                f"{path}#{min(recipes)}."
            )
    return Found(named(recipes, name), path.parent)


def read(path: Path) -> Recipe | dict[str, Recipe]:
    """Return the one recipe of a file, or its recipes by name. Raises ``CommandError``."""
    try:
        document = path.read_bytes()
        whole = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not JSON: {error}") from error
    try:
        recipes: Recipe | dict[str, Recipe]
        if isinstance(whole, dict) and isinstance(whole.get("renditions"), list):
            recipes = decode_recipe(document)
        else:
            recipes = decode_recipes(document)
        _check_fonts([recipes] if isinstance(recipes, Recipe) else recipes.values(), path.parent)
    except ValueError as error:
        raise CommandError(f"{path}: {error}") from error
    return recipes


def _check_fonts(recipes: Iterable[Recipe], folder: Path) -> None:
    """Raise ``ValueError`` for a text that its font file does not have, or a missing file."""
    for recipe in recipes:
        files = WatermarkImages(Found(recipe, folder).read_watermark_image)
        for rendition in recipe.renditions:
            if rendition.watermark and rendition.watermark.font:
                try:
                    files.load_font(rendition.watermark)
                except ImageError as error:
                    raise ValueError(error.message) from error


def named(recipes: Mapping[str, Recipe], name: str) -> Recipe:
    """Return a recipe by name. Raises ``CommandError``, which lists the names."""
    if name not in recipes:
        raise CommandError(f"There is no recipe {name!r}. The recipes are {_listed(recipes)}.")
    return recipes[name]


def _listed(recipes: Mapping[str, Recipe]) -> str:
    return ", ".join(sorted(recipes))
