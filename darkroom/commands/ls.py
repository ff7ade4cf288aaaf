"""`darkroom ls`: list the catalog."""

from itertools import islice
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption
from darkroom.terminal.console import console
from darkroom.terminal.entries import entry_table


def ls(
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of entries.")
    ] = 20,
    stack: StackOption = "darkroom",
) -> None:
    """List the catalog's entries, newest first."""
    entries = list(islice(Cloud.find(stack).catalog.newest_first(), limit))
    if entries:
        console.print(entry_table(entries))
    else:
        console.print("The catalog is empty. Run `darkroom upload IMAGE…` or `make demo`.")
