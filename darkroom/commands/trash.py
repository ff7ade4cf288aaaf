"""`darkroom trash`: list deleted originals that can be restored."""

import json
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, PrefixArgument, StackOption
from darkroom.errors import CommandError
from darkroom.operations.trash import Restorable
from darkroom.operations.trash import trash as listed
from darkroom.terminal.console import console
from darkroom.terminal.trash import trash_json, trash_table


def trash(
    prefix: PrefixArgument = "",
    *,
    versions: Annotated[
        bool,
        typer.Option(
            "--versions", help="Also list older versions, with their IDs, of all originals."
        ),
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of originals.")
    ] = 100,
    after: Annotated[
        str, typer.Option("--after", metavar="KEY", help="Start behind this key: the next page.")
    ] = "",
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """List deleted originals that `restore` can restore, in the order of their keys."""
    cloud = Cloud.find(stack)
    if not cloud.undelete_days:
        raise CommandError(
            "The stack keeps no deleted originals: its parameter UndeleteDays is 0. To keep "
            "those that are deleted from then on, deploy with --param UndeleteDays=30."
        )
    page: list[list[Restorable]] = []
    following = None
    for each in listed(cloud, prefix, after, older=versions):
        if len(page) == limit:
            following = page[-1][0].version.key
            break
        page.append(each)
    found = [each for group in page for each in group]
    if as_json:
        images = [trash_json(each) for each in found]
        typer.echo(json.dumps({"images": images, "next": following}, indent=2))
        return
    if found:
        console.print(trash_table(found, with_versions=versions))
    else:
        console.print("There is nothing to restore.")
    if following is not None:
        console.print(f"To list more, set --after {following!r}.", markup=False, soft_wrap=True)
