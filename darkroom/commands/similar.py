"""`darkroom similar`: find images that look like another one."""

import json
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, KeyArgument, StackOption
from darkroom.errors import CommandError
from darkroom.operations.search import similar_to
from darkroom.terminal.console import console
from darkroom.terminal.entries import similar_table
from processor.catalog.terms import MAX_DISTANCE, hashes_of


def similar(
    key: KeyArgument,
    *,
    distance: Annotated[
        int,
        typer.Option(
            min=0, max=MAX_DISTANCE, help="Maximum number of the 64 bits that may differ."
        ),
    ] = MAX_DISTANCE,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Find images that look like another one: copies, also resized or cropped by a few percent.

    The most similar ones are first.
    """
    cloud = Cloud.find(stack)
    entry = cloud.entry(key)
    if not hashes_of(entry):
        raise CommandError(
            f"{key!r} has no perceptual hash: it is not done, or its recipe turns the analysis off."
        )
    found = similar_to(cloud, entry, distance)
    if as_json:
        keys = [{"key": each["filename"], "distance": bits} for bits, each in found]
        typer.echo(json.dumps({"key": key, "similar": keys}, indent=2))
    elif found:
        console.print(similar_table(found))
    else:
        console.print("No other image looks like it.")
