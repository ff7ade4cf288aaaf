"""The image engine by itself, without a cloud: recipes, renditions, and a look at all it can do."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from darkroom.commands.common import UsageError, check_files, complain, conclude, console, errors
from darkroom.engine import recipe_files
from darkroom.engine.recipe_files import RecipeError
from darkroom.engine.rendering import render_files
from darkroom.engine.schema import recipe_file
from darkroom.gallery.contact_sheet import make_sheet
from darkroom.terminal import tables
from localstack_init.build import PROJECT
from processor.images import ImageError, Recipe, load_recipes

OutOption = Annotated[Path, typer.Option("--out", help="Where the pictures are put.")]

app = typer.Typer()


@app.command()
def render(
    photos: Annotated[list[Path], typer.Argument(help="Pictures, in any format.")],
    out: OutOption,
    recipe: Annotated[
        str,
        typer.Option(help="A name that `darkroom recipes` lists, or a FILE, or FILE#NAME."),
    ] = recipe_files.DEFAULT,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print all that was found out.")] = False,
) -> None:
    """Make renditions on this machine, without a cloud."""
    check_files(photos)
    found = recipe_files.find(recipe)
    results = render_files(photos, found, out, errors if as_json else console)
    if as_json:
        print(json.dumps([result.entry for result in results], indent=2))  # noqa: T201
        complain(results)
    else:
        conclude(results)


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(help="Print this one in full.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Look at this file's recipes instead.")
    ] = None,
    *,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a recipe file.")
    ] = False,
) -> None:
    """List the recipes that ship with Darkroom, or those of a file."""
    if schema:
        print(json.dumps(recipe_file(), indent=2))  # noqa: T201
        return
    if file:
        check_files([file])
    there = recipe_files.read(file) if file else load_recipes()
    if isinstance(there, Recipe):
        if name:
            raise UsageError(f"{file} holds one recipe, without a name.")
        there = {file.name if file else "": there}
    if name is None:
        console.print(tables.recipes(there))
        return
    if name not in there:
        raise RecipeError(f"There is no recipe {name!r}. There are: {recipe_files.listed(there)}.")
    print(json.dumps(msgspec.to_builtins(there[name]), indent=2))  # noqa: T201


@app.command("contact-sheet")
def contact_sheet(
    out: OutOption,
    photo: Annotated[Path, typer.Argument(help="The photograph to use.")] = PROJECT
    / "samples"
    / "raccoon.jpg",
) -> None:
    """Show every operation of the engine on one photograph, as a page for GitHub."""
    check_files([photo])
    if out.exists() and not out.is_dir():
        raise UsageError(f"Not a folder: {out}")
    try:
        failures = make_sheet(photo, out, console)
    except ImageError as error:
        raise UsageError(f"{photo}: {error.message}") from error
    for title, reason in failures.items():
        errors.print(f"{title}: {reason}", markup=False, soft_wrap=True)
    console.print(f"The page is {out / 'README.md'}.", markup=False, soft_wrap=True)
    if failures:
        raise typer.Exit(1)
