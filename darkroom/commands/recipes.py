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
    name: Annotated[str | None, typer.Argument(help="Print this recipe as JSON.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Read the recipes of this file instead.")
    ] = None,
    *,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a recipe file.")
    ] = False,
) -> None:
    """List the recipes of the pipeline, or those of a file."""
    if schema:
        typer.echo(json.dumps(recipe_file_schema(), indent=2))
        return
    if file:
        check_files([file])
    found = recipe_files.read(file) if file else load_recipes()
    if isinstance(found, Recipe):
        if name:
            raise CommandError(f"{file} holds one recipe, which has no name: leave out {name}.")
        found = {file.name if file else "": found}
    if name is None:
        console.print(recipe_table(found))
    else:
        recipe = recipe_files.named(found, name)
        typer.echo(json.dumps(msgspec.to_builtins(recipe), indent=2))
