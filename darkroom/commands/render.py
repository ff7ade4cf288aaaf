"""`darkroom render`: render images on this machine, without an emulator or AWS."""

import json
from pathlib import Path
from typing import Annotated

import typer

from darkroom.commands.options import JsonOption, OutOption, check_files
from darkroom.engine import recipe_files
from darkroom.engine.rendering import render_files
from darkroom.terminal.console import console, error_console
from darkroom.terminal.uploads import exit_on_failures, print_results
from processor.change import DEFAULT_RECIPE


def render(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGE", help="JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP files."
        ),
    ],
    out: OutOption,
    recipe: Annotated[
        str,
        typer.Option(help="Name of a recipe (`darkroom recipes` lists them), FILE, or FILE#NAME."),
    ] = DEFAULT_RECIPE,
    *,
    as_json: JsonOption = False,
) -> None:
    """Render images with the pipeline's engine on this machine. Needs no emulator and no AWS.

    Exits with 1 if an image is not rendered.
    """
    check_files(files)
    found = recipe_files.find(recipe)
    results = render_files(files, found, out, error_console if as_json else console)
    if as_json:
        typer.echo(json.dumps([result.entry for result in results], indent=2))
        exit_on_failures(results)
    else:
        print_results(results)
