"""`darkroom watch`: process the images of a folder as they appear."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import RecipeOption, StackOption
from darkroom.errors import CommandError
from darkroom.terminal.console import console
from darkroom.terminal.signals import interrupt_on_signals
from darkroom.watch.progress import ProgressTable
from darkroom.watch.watcher import Watcher


def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to watch.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the renditions. Default: none.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(help="Prefix of the keys. A key is the prefix and the path in FOLDER.")
    ] = "",
    recipe: RecipeOption = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete an original when its file is deleted.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Exit when every file of the folder is processed.")
    ] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Process the images in a folder, and those that are added to it.

    Runs until Ctrl-C, or with --once until every image is processed.
    """
    if not folder.is_dir():
        raise CommandError(f"Not a folder: {folder}. Name a folder that exists.")
    root = folder.resolve()
    saved = out.resolve() if out else None
    if saved == root:
        raise CommandError(
            "--out is the watched folder: the renditions would be processed as images. Use another "
            "folder."
        )
    if saved:
        saved.mkdir(parents=True, exist_ok=True)
    # The watcher retries; botocore's default would delay its reports by half a minute.
    os.environ.setdefault("AWS_MAX_ATTEMPTS", "3")
    cloud = Cloud.find(stack)
    interrupt_on_signals()
    with suppress(KeyboardInterrupt), ProgressTable(console) as progress:
        Watcher(cloud, root, progress, saved, prefix, recipe, delete).run(once=once)
