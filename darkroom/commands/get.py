"""`darkroom get`: download the renditions of one image."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import KeyArgument, StackOption
from darkroom.errors import CommandError
from darkroom.terminal.console import console
from darkroom.terminal.escape import escape


def get(
    key: KeyArgument,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder for the renditions.")],
    stack: StackOption = "darkroom",
) -> None:
    """Download the renditions of one image to FOLDER/KEY/."""
    cloud = Cloud.find(stack)
    entry = cloud.entry(key)
    if not entry.get("renditions"):
        raise CommandError(f"{key!r} has no renditions: its status is {entry['status']}.")
    for rendition, file in cloud.download(entry, folder):
        console.print(f"{rendition['bytes']:>11,}  {escape(str(file))}", soft_wrap=True)
