"""`darkroom recipes`: list or print recipes."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from darkroom.commands.options import check_files
from darkroom.engine import recipe_files
from darkroom.engine.schema import recipe_file_schema
from darkroom.errors import CommandError
from darkroom.terminal.console import console
from darkroom.terminal.recipes import recipe_table
from processor.images import Recipe, load_recipes


def recipes(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the recipe to print as JSON.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Recipe file to read. Default: the pipeline's recipes."),
    ] = None,
    *,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a recipe file.")
    ] = False,
) -> None:
    """List recipes, or print one of them as JSON."""
    if schema:
        typer.echo(json.dumps(recipe_file_schema(), indent=2))
        return
    if file:
        check_files([file])
    found = recipe_files.read(file) if file else load_recipes()
    if isinstance(found, Recipe):
        if name:
            raise CommandError(f"{file} contains one recipe without a name. Omit {name}.")
        found = {file.name if file else "": found}
    if name is None:
        console.print(recipe_table(found))
    else:
        recipe = recipe_files.named(found, name)
        typer.echo(json.dumps(msgspec.to_builtins(recipe), indent=2))
